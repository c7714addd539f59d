import Foundation

extension EmbeddedDatasets {
  /// The datasets that are part of the package.
  /// - Throws: ``EvaluationError`` when the package's resources are missing.
  public static func builtIn() throws(EvaluationError) -> EmbeddedDatasets {
    try EmbeddedDatasets(folder: Bundle.module.bundlePath + "/datasets")
  }
}
