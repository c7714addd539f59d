import Foundation

extension EmbeddedDatasets {
  /// The datasets that are part of the package.
  /// - Throws: ``EvaluationError`` when the package's resources are missing.
  public static func builtIn() throws(EvaluationError) -> EmbeddedDatasets {
    try EmbeddedDatasets(folder: Bundle.main.bundlePath + "/tacit_TacitEval.resources/datasets")
  }
}
