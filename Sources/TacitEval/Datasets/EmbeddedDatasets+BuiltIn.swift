import Foundation
import TacitFault

extension EmbeddedDatasets {
  /// The datasets that are part of the package.
  /// - Throws: ``Fault`` when the package's resources are missing.
  public static func builtIn() throws(Fault) -> EmbeddedDatasets {
    try EmbeddedDatasets(folder: Bundle.main.bundlePath + "/tacit_TacitEval.resources/datasets")
  }
}
