import Foundation
import TacitEval
import TacitFault

extension Dataset {
  /// A file, with options after a question mark, or an embedded dataset; `scoring` marks its
  /// samples in place of its own scorer.
  /// - Throws: `Fault` that says what was expected.
  static func named(_ text: String, scoring: Scoring? = nil) throws -> Dataset {
    let (path, options) = try DatasetOptions.split(text)
    let dataset =
      FileManager.default.fileExists(atPath: path)
      ? try Dataset(path: path, options: options)
      : try EmbeddedDatasets.builtIn().dataset(named: path, options: options)
    guard let scoring else { return dataset }
    if let other = options.scorer {
      throw Fault(message: "\(path): expected one scorer, found --scorer and '\(other)' after '?'")
    }
    return try dataset.marked(by: scoring)
  }

  /// The embedded dataset that a run was made with, if it was one.
  /// - Throws: `Fault` when the embedded datasets cannot be read.
  static func embedded(for manifest: RunManifest) throws -> Dataset? {
    let facts = manifest.ingredients["dataset"]
    let embedded = try EmbeddedDatasets.builtIn()
    guard let name = facts?["name"]?.string, embedded.names.contains(name) else { return nil }
    let dataset = try embedded.dataset(named: name)
    return dataset.sha256 == facts?["sha256"]?.string ? dataset : nil
  }
}
