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
      Each recipe, and each combination of listed parameter values, is one run with a folder of \
      its own. The same command again goes on where it was interrupted. Standard output is the \
      table of results.

      EXAMPLES
        tacit eval pipelines/coconut.lua --dataset prosqa
        tacit eval pipelines/{direct,coconut}.lua -P latent_steps=0,3,6 -d prosqa
        tacit eval pipelines/coconut.lua@runs/train/prosqa -d prosqa
        tacit eval mine.lua -d 'data.jsonl?question=q&target=a' --out runs/x
      """)

  @Argument(help: "Recipes, Lua files; FILE@MODEL runs one on a model of its own.")
  var recipes: [String]

  @OptionGroup var evaluationOptions: EvaluationOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var parameters: ParameterOptions

  @Option(
    help: """
      Run folder; with several runs, the folder of their folders. Default: a folder below runs/, \
      a new one when the settings changed.
      """)
  var out: String?

  @Flag(help: "Print the results as JSON.")
  var json = false

  func run() async throws {
    let variants = try RecipeVariants(paths: recipes, values: try parameters.values()).variants
    let settings = try evaluationOptions.settings(movesOnMismatch: out == nil)
    let loader = modelOptions.loader()
    let runs = try variants.map { variant in
      EvaluationRun(
        variant: variant,
        models: try loader.models(for: variant.recipe.pipeline, named: variant.model))
    }
    let folders = variants.map { folder($0, settings.evaluation.dataset) }
    let finished = try await interruptible(
      message: "interrupted; the same command resumes where it stopped"
    ) {
      var finished: [FinishedRun] = []
      for (run, folder) in zip(runs, folders) {
        finished.append(try await run.evaluate(settings, in: folder))
      }
      return finished
    }
    try report(finished)
    try reportFailures(finished.map { ($0.label, $0.folder, $0.results) })
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
      try StandardStreams.writeOutput(JSON.array(objects).expressibleText(.indented) + "\n")
    } else {
      try StandardStreams.writeOutput(ResultsTable.text(finished.map { ($0.label, $0.results) }))
      let folders = finished.map { "  " + $0.folder }.joined(separator: "\n")
      if !evaluationOptions.quiet { StandardStreams.writeError("runs:\n" + folders) }
    }
  }
}
