import ArgumentParser
import Foundation
import TacitEval
import TacitFault
import TacitJSON

/// Marks the stored completions of runs again.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Mark the stored completions of runs again, without the model.",
    discussion: """
      The run folder becomes the one that an evaluation with the new scorer would have written. \
      Without --scorer the run's own marks again. Nothing is written unless all runs can be \
      marked; after an interruption the same command repairs the run.

      EXAMPLES
        tacit score runs/prosqa/coconut --scorer prosqa.native
        tacit score runs/demo/* --scorer pipelines/scorers/last_word.lua
        tacit score runs/x --dataset data.jsonl --json
      """)

  @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
  var folders: [String]

  @OptionGroup var scorerOptions: ScorerOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The dataset of the runs, where a scorer needs more than question and target.",
      discussion: "Embedded datasets are found by themselves.", valueName: "file|name"))
  var dataset: String?

  @Flag(help: "Print the results as JSON.")
  var json = false

  func run() throws {
    let given = try dataset.map { try Dataset.named($0) }
    let runs = try folders.map { try mark(Rescoring(folder: $0), with: given) }
    for run in runs { try run.rescored.write() }
    try json ? reportJSON(runs) : reportTable(runs)
  }

  /// A run with its new marks and the name of the scorer that made the old ones.
  private typealias MarkedRun = (rescored: Rescored, oldScorer: String)

  private func mark(_ rescoring: Rescoring, with given: Dataset?) throws -> MarkedRun {
    let dataset = try given ?? Dataset.embedded(for: rescoring.manifest)
    let oldScorer = rescoring.scorer ?? "unknown"
    let scoring = try scorerOptions.scoring(hasDataset: dataset != nil) ?? ownScoring(rescoring)
    let environment: JSON = [
      "version": .string(TacitVersion.text), "date": .string(Date.now.formatted(.iso8601)),
    ]
    let rescored = try rescoring.marked(
      by: scoring, with: dataset, environment: ["scored": environment])
    return (rescored, oldScorer)
  }

  private func ownScoring(_ rescoring: Rescoring) throws -> Scoring {
    guard let name = rescoring.scorer else {
      throw Fault(
        message: "\(rescoring.folder): its manifest names no scorer\n  name one: --scorer")
    }
    if let file = name.split(separator: "@").first, file.hasSuffix(".lua") {
      throw Fault(
        message:
          "\(rescoring.folder): was marked by \(name)\n  name that file or another scorer: --scorer"
      )
    }
    return try .named(name)
  }

  private func reportTable(_ runs: [MarkedRun]) throws {
    try StandardStreams.writeOutput(
      ResultsTable.text(runs.map { run, _ in (run.folder, run.results) }))
    for (run, oldScorer) in runs {
      let scorer = run.manifest.ingredients["dataset"]?["scorer"]?.string ?? ""
      StandardStreams.writeError(
        "\(run.folder): \(oldScorer) → \(scorer): "
          + "\(run.changedCount) of \(run.records.count) verdicts changed")
    }
  }

  private func reportJSON(_ runs: [MarkedRun]) throws {
    let objects = runs.map { run, oldScorer -> JSON in
      [
        "run": .string(run.folder), "old_scorer": .string(oldScorer),
        "scorer": run.manifest.ingredients["dataset"]?["scorer"] ?? .null,
        "changed": .integer(run.changedCount), "results": run.results.json(hash: run.manifest.hash),
      ]
    }
    try StandardStreams.writeOutput(JSON.array(objects).expressibleText(.indented) + "\n")
  }
}
