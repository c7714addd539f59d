/// A run that takes part in a comparison.
public struct RecordedRun: Sendable {
  /// What tables call it; unique within a comparison.
  public var label: String
  /// Where its records came from: a run folder, or the log of another harness.
  public var path: String
  /// What it was made with; nil when that is not known.
  public var manifest: RunManifest?
  /// What became of its samples.
  public var records: [SampleRecord]

  /// Names a run.
  public init(label: String, path: String, manifest: RunManifest?, records: [SampleRecord]) {
    self.label = label
    self.path = path
    self.manifest = manifest
    self.records = records
  }

  /// A run folder, or the log of another harness.
  public init(label: String, run: Run) {
    self.init(label: label, path: run.path, manifest: run.manifest, records: run.records)
  }
}
