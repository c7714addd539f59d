import OrderedCollections
import TacitJSON

/// What the report is about.
struct PageHeader: Sendable {
  /// One fact.
  struct Fact: Sendable {
    let term: String
    let text: String
  }

  /// What a run shows against the baseline.
  struct Finding: Sendable {
    let text: String
    let isSettled: Bool
  }

  let title: String
  let facts: [Fact]
  let findings: [Finding]
  let cautions: [String]

  init(_ comparison: Comparison, recordedRuns: [RecordedRun]) {
    let manifests = recordedRuns.compactMap(\.manifest)
    func all(_ read: (RunManifest) -> String?) -> String {
      OrderedSet(manifests.compactMap(read)).joined(separator: ", ")
    }
    let dataset = all { $0.ingredients["dataset"]?["name"]?.string }
    let runs = recordedRuns.count == 1 ? "one run" : "\(recordedRuns.count) runs"
    let samples = comparison.sampleCount == 1 ? "one sample" : "\(comparison.sampleCount) samples"
    title = "\(dataset.isEmpty ? "Unnamed dataset" : dataset): \(runs), \(samples)"
    let repeats = comparison.repeatCount > 1 ? ", \(comparison.repeatCount) times each" : ""
    let rules = OrderedSet(comparison.runs.map(\.results.decidingRule))
    facts = [
      Fact(term: "Dataset", text: dataset),
      Fact(term: "Samples", text: "\(comparison.sampleCount)\(repeats)"),
      Fact(term: "Scored by", text: rules.joined(separator: ", ")),
      Fact(term: "Model", text: all { $0.ingredients["model"]?["name"]?.string }),
      Fact(term: "Seed", text: all { $0.ingredients["seed"]?.string }),
      Fact(term: "Threads", text: all { $0.environment["threads"]?.integer.map { "\($0)" } }),
      Fact(term: "Processor", text: all(Self.processor)),
      Fact(term: "Date", text: Self.dates(manifests)),
    ].filter { !$0.text.isEmpty }
    findings = zip(comparison.findings, comparison.pairs).map {
      Finding(text: $0, isSettled: $1.isSettled)
    }
    cautions = comparison.cautions + comparison.findings.dropFirst(findings.count)
  }

  private static func processor(_ manifest: RunManifest) -> String? {
    guard let name = manifest.environment["processor"]?.string else { return nil }
    guard let cores = manifest.environment["cores"]?.integer else { return name }
    return "\(name), \(cores) cores"
  }

  /// The day of the runs, or the first and the last day.
  private static func dates(_ manifests: [RunManifest]) -> String {
    let days = manifests.compactMap { $0.environment["date"]?.string?.prefix(10) }.sorted()
    guard let first = days.first, let last = days.last else { return "" }
    return first == last ? String(first) : "\(first) to \(last)"
  }
}
