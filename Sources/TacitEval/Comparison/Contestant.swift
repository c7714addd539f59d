/// A run that takes part in a comparison.
public struct Contestant: Sendable {
  /// What tables call it; unique within a comparison.
  public var label: String
  /// Where its records came from: a run folder, or the log of another harness.
  public var path: String
  /// What it was made with; nil when another harness made it.
  public var manifest: RunManifest?
  /// What became of its samples.
  public var records: [SampleRecord]
  /// Whether the records say what they cost.
  public var hasCosts: Bool

  /// Names a run.
  public init(
    label: String, path: String, manifest: RunManifest?, records: [SampleRecord],
    hasCosts: Bool = true
  ) {
    self.label = label
    self.path = path
    self.manifest = manifest
    self.records = records
    self.hasCosts = hasCosts
  }

  /// A run folder.
  public init(label: String, run: Run) {
    self.init(label: label, path: run.path, manifest: run.manifest, records: run.records)
  }
}
