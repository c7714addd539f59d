import ArgumentParser
import TacitEval
import TacitFault
import TacitJSON
import TacitReasoning

/// Shows a run or a comparison, or one of its samples.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a run holds, or one sample of it with its trace.",
    discussion: """
      EXAMPLES
        tacit show runs/demo/coconut
        tacit show runs/demo/coconut --sample prosqa/17
        tacit show runs/demo --sample prosqa/17
        tacit show 'samples_gsm8k_2025-11-21.jsonl?scorer=flexible-extract'
      """)

  @Argument(
    help: ArgumentHelp(
      "A run folder, the folder of a comparison, or a log of lm-evaluation-harness.",
      valueName: "run"))
  var folder: String

  @Option(help: "Id of a sample.")
  var sample: String?

  @Option(name: .customLong("repeat"), help: "Which repeat of the sample, from 0.")
  var repetition = 0

  func run() throws {
    guard let comparison = try ComparisonFolder(reading: folder) else {
      let run = try Run(reading: folder)
      let text = try sample.map { try excerpt(of: $0, in: run) } ?? summary(run)
      return try StandardStreams.writeOutput(text)
    }
    let texts = try comparison.labels.map { label in
      let run = try Run(reading: comparison.run(label))
      return try label + "\n" + (sample.map { try excerpt(of: $0, in: run) } ?? summary(run))
    }
    try StandardStreams.writeOutput(texts.joined(separator: "\n"))
  }

  /// One sample with its trace.
  private func excerpt(of sample: String, in run: Run) throws -> String {
    guard let record = run.records.first(where: { $0.id == sample && $0.repeatIndex == repetition })
    else {
      throw Fault(
        message: "\(run.path): no sample '\(sample)', repeat \(repetition); the first is "
          + "'\(run.records.first?.id ?? "none")'")
    }
    let text = record.json.expressibleText(.indented) + "\n"
    guard let steps = try run.trace(id: sample, repeat: repetition) else { return text }
    return text + "\n" + TraceTable.table(steps).rendered(as: .text)
  }

  private func summary(_ run: Run) -> String {
    var text = ""
    let ingredients = run.manifest.ingredients
    for (title, value) in [
      ("recipe", ingredients["recipe"]?["name"]), ("model", ingredients["model"]?["name"]),
      ("dataset", ingredients["dataset"]?["name"]), ("seed", ingredients["seed"]),
      ("date", run.manifest.environment["date"]),
    ] {
      guard let value = value?.string else { continue }
      text += title.padding(to: 10) + value.printable.replacing("\n", with: " ") + "\n"
    }
    text += "state".padding(to: 10)
    text += run.isComplete ? "complete\n" : "interrupted after \(run.records.count) lines\n"
    if !run.records.isEmpty {
      let label = ingredients["recipe"]?["name"]?.string ?? ""
      text += "\n" + ResultsTable.text([(label, EvaluationResults(run.records))])
    }
    return text
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
