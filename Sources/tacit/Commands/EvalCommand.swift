import ArgumentParser
import Foundation
import TacitEval
import TacitJSON
import TacitModel
import TacitReasoning

/// Evaluates recipes on a dataset, one run folder each.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Run recipes on a dataset, score the answers and record the runs.",
    discussion: """
      Each recipe, and each combination of listed parameter values, is one run with a folder of
      its own. The same command again goes on where it was interrupted. Standard output is the
      table of results.

      EXAMPLES
        tacit eval pipelines/coconut.lua --dataset prosqa
        tacit eval pipelines/direct.lua pipelines/coconut.lua -P latent_steps=0,3,6 -d prosqa
        tacit eval mine.lua --dataset 'data.jsonl?question=q&target=a' --limit 100 --out runs/x
      """)

  @Argument(help: "Recipes, Lua files.")
  var recipes: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A file (ProsQA JSON, GSM8K JSONL, any JSONL) or an embedded dataset.",
      discussion: "FILE?question=q&target=a&id=i&cluster=c&scorer=s names the fields.",
      valueName: "file|name"))
  var dataset: String

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var parameters: ParameterOptions

  @Option(help: "Only so many of the first samples.")
  var limit: Int?

  @Option(help: "How often each sample is put.")
  var repeats = 1

  @Option(
    help: """
      Run folder; with several runs, the folder of their folders. Default: a folder below runs/, \
      a new one when the settings changed.
      """)
  var out: String?

  @Option(help: "Seed of all random numbers.")
  var seed: UInt64 = 0

  @Option(help: "Samples under way at a time; changes no result.")
  var concurrency = 32

  @Flag(help: "Stop at the first sample that fails.")
  var failFast = false

  @Flag(help: "Record every step in trace.jsonl.")
  var trace = false

  @Flag(help: "Print the results as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    for (name, value, most) in [
      ("--limit", limit ?? 1, Int.max), ("--repeats", repeats, 1_000_000),
      ("--concurrency", concurrency, 4096),
    ] where !(1...most).contains(value) {
      let bound = most == .max ? "1 or more" : "1 to \(most)"
      throw ValidationError("\(name): expected \(bound), found \(value)")
    }
  }

  func run() async throws {
    let variants = try RecipeVariants(paths: recipes, values: try parameters.values()).variants
    let dataset = try Dataset.named(dataset)
    let loader = modelOptions.loader()
    let runs = try variants.map { variant in
      EvaluationRun(
        variant: variant, models: try loader.models(for: variant.recipe.pipeline),
        folder: folder(variant, dataset))
    }
    var evaluation = Evaluation(dataset)
    evaluation.limit = limit
    evaluation.repeats = repeats
    evaluation.concurrency = concurrency
    evaluation.failFast = failFast
    evaluation.tracing = trace
    let settings = RunSettings(
      evaluation: evaluation, seed: seed, movesOnMismatch: out == nil, isQuiet: quiet)
    let finished = try await interruptible(
      message: "interrupted; the same command resumes where it stopped"
    ) {
      var finished: [FinishedRun] = []
      for run in runs { finished.append(try await run.evaluate(settings)) }
      return finished
    }
    try report(finished)
    for run in finished where run.results.errorCount > 0 {
      StandardStreams.writeError(
        "\(run.label): \(run.results.errorCount) of \(run.results.completionCount) failed; "
          + "see 'error' in \(run.folder)/samples.jsonl")
    }
    if finished.contains(where: { $0.results.errorCount == $0.results.completionCount }) {
      throw ExitCode.failure
    }
  }

  private func folder(_ variant: RecipeVariants.Variant, _ dataset: Dataset) -> String {
    let isAlone = recipes.count == 1 && variant.scanned.isEmpty
    if let out { return isAlone ? out : out + "/" + variant.label }
    return "runs/" + dataset.name + "/" + variant.label
  }

  private func report(_ finished: [FinishedRun]) throws {
    if json {
      let objects = finished.map { run -> JSON in
        [
          "run": .string(run.folder), "recipe": .string(run.label),
          "model": .string(run.model), "results": run.results.json(hash: run.hash),
        ]
      }
      try StandardStreams.writeOutput(JSON.array(objects).expressible.text(.indented) + "\n")
    } else {
      try StandardStreams.writeOutput(ResultsTable.table(finished).rendered(as: .text))
      let folders = finished.map { "  " + $0.folder }.joined(separator: "\n")
      if !quiet { StandardStreams.writeError("runs:\n" + folders) }
    }
  }
}
