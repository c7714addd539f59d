import OrderedCollections
import TacitFault
import TacitJSON

/// The folder of a comparison: which runs it consists of, their run folders, and its results.
///
/// `manifest.json` holds label and hash of each run and is written first; `comparison.json`, what
/// ``Comparison`` says of the runs, is written last.
public struct ComparisonFolder: Sendable {
  /// The folder.
  public let path: String
  /// Labels of the runs, which are the names of their folders.
  public let labels: [String]

  /// Begins a comparison, or goes on with one of the same runs.
  ///
  /// - Throws: ``Fault``: `.mismatch` naming what differs when the folder holds a
  ///   comparison of other runs, `.run` when its manifest is damaged or a label is taken by a file
  ///   of the comparison, and `.file` when the system refuses.
  public init(
    path: String, runs: [(label: String, manifest: RunManifest)],
    environment: OrderedDictionary<String, JSON>
  ) throws(Fault) {
    self.path = path
    labels = runs.map(\.label)
    for file in ["manifest.json", "comparison.json"] {
      guard let label = labels.first(where: { $0.hasPrefix(file) }) else { continue }
      throw Fault(
        path, expected: "another name of a run than that of the comparison's \(file)",
        found: "'\(label)'", hint: "rename the recipe")
    }
    let hashes = OrderedDictionary(
      uniqueKeysWithValues: runs.map { ($0.label, JSON.string($0.manifest.hash)) })
    let plan = try RunManifest(
      ingredients: ["comparison": .object(hashes)], environment: environment)
    let file = "\(path)/manifest.json"
    guard File.exists(file) else {
      try File.makeFolder(path)
      try File.write(plan.text(), atomically: file)
      return
    }
    let old = try RunManifest(reading: file)
    guard old.hash != plan.hash else { return }
    throw Fault(
      path, expected: "the runs that the comparison was begun with",
      found: "\n  " + differences(old, plan, runs).joined(separator: "\n  "),
      hint: "use another --out, or the old recipes and settings to go on", kind: .mismatch)
  }

  /// Opens a folder for reading; nil when it holds no comparison.
  /// - Throws: ``Fault`` when its manifest is damaged or of a newer schema.
  public init?(reading path: String) throws(Fault) {
    let file = "\(path)/manifest.json"
    guard File.exists(file) else { return nil }
    guard let runs = try RunManifest(reading: file).ingredients["comparison"]?.object else {
      return nil
    }
    self.path = path
    labels = Array(runs.keys)
  }

  /// The run folder of a label.
  public func run(_ label: String) -> String { "\(path)/\(label)" }

  /// The runs as far as they are.
  /// - Throws: ``Fault`` when one is absent or damaged.
  public func recordedRuns() throws(Fault) -> [RecordedRun] {
    var recordedRuns: [RecordedRun] = []
    for label in labels {
      recordedRuns.append(RecordedRun(label: label, run: try Run(reading: run(label))))
    }
    return recordedRuns
  }

  /// Label of the baseline in `comparison.json`; nil when that is not there.
  /// - Throws: ``Fault`` when the file cannot be read or names none.
  public func baseline() throws(Fault) -> String? {
    guard File.exists(results) else { return nil }
    guard let label = try JSON(reading: results)["baseline"]?.string else {
      throw Fault(results, expected: "the label of a run under 'baseline'", found: "none")
    }
    return label
  }

  /// Writes `comparison.json`.
  /// - Throws: ``Fault`` when the system refuses.
  public func write(_ comparison: Comparison, _ recordedRuns: [RecordedRun]) throws(Fault) {
    try File.write(
      comparison.json(recordedRuns).expressibleText(.indented) + "\n", atomically: results)
  }

  private var results: String { "\(path)/comparison.json" }

  private func differences(
    _ old: RunManifest, _ new: RunManifest, _ runs: [(label: String, manifest: RunManifest)]
  ) -> [String] {
    let details = runs.flatMap { label, manifest -> [String] in
      guard let run = try? Run(reading: run(label)), run.manifest.hash != manifest.hash else {
        return []
      }
      return run.manifest.differences(to: manifest).map { "\(label): \($0)" }
    }
    return details.isEmpty ? old.differences(to: new) : details
  }
}
