import ArgumentParser
import Foundation
import TacitEval
import TacitJSON
import TacitReasoning

/// Compares recipes head to head on the same samples.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run recipes on the same samples and say which is better, how surely, at what cost.",
    discussion: """
      Every sample is put to all recipes, and all combinations of listed parameter values, before \
      the next one, in turns forwards and backwards. Each is one run below the folder of the \
      comparison. The same command again goes on where it was interrupted.

      Accuracies are compared sample by sample: McNemar's exact test, or with repeats or clusters \
      a sign-flip permutation test; bootstrap intervals; p-values adjusted by Holm's method. What \
      cannot be told apart comes with the smallest difference that so many samples can show.

      EXAMPLES
        tacit compare pipelines/direct.lua pipelines/coconut.lua -d prosqa
        tacit compare pipelines/{direct,coconut}.lua -P latent_steps=2,4,6 -d prosqa
        tacit compare a.lua b.lua@runs/train/prosqa_direct -d prosqa
        tacit compare a.lua b.lua --baseline b -d data.jsonl --repeats 4
        tacit report runs/data/compare -o report.html
      """)

  @Argument(help: "Recipes, Lua files; FILE@MODEL runs one on a model of its own.")
  var recipes: [String]

  @Option(help: "Label of the run that the others are compared with. Default: the first.")
  var baseline: String?

  @OptionGroup var evaluationOptions: EvaluationOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var parameters: ParameterOptions

  @Option(help: "Samples put to every recipe beforehand without being recorded.")
  var warmup = 0

  @Option(
    help: """
      Folder of the comparison. Default: a folder below runs/, a new one when the settings changed.
      """)
  var out: String?

  @Flag(help: "Print the comparison as JSON.")
  var json = false

  func validate() throws {
    guard (0...1_000_000).contains(warmup) else {
      throw ValidationError("--warmup: expected 0 to 1000000, found \(warmup)")
    }
  }

  func run() async throws {
    let variants = try RecipeVariants(paths: recipes, values: try parameters.values()).variants
    let labels = variants.map(\.label)
    guard labels.count > 1 else {
      throw ValidationError("expected at least two recipes or parameter values, found one")
    }
    let baselineIndex = try RecordedRunOptions.index(of: baseline, among: labels)
    let settings = try evaluationOptions.settings(movesOnMismatch: out == nil, warmUpCount: warmup)
    let loader = modelOptions.loader()
    let runs = try variants.map { variant in
      EvaluationRun(
        variant: variant,
        models: try loader.models(for: variant.recipe.pipeline, named: variant.model))
    }
    let folder = out ?? "runs/\(settings.evaluation.dataset.name)/compare"
    let finished = try await interruptible(
      message: "interrupted; the same command resumes where it stopped"
    ) {
      try await movingOn(from: folder, settings) { folder in
        try await Self.run(runs, settings, in: folder)
      }
    }
    let recordedRuns = try finished.recordedRuns()
    let comparison = try Comparison(
      recordedRuns, baseline: baselineIndex, seed: evaluationOptions.seed)
    try finished.write(comparison, recordedRuns)
    try report(comparison, recordedRuns, folder: finished.path)
  }

  /// Runs what is missing in one folder.
  private static func run(
    _ runs: [EvaluationRun], _ settings: RunSettings, in folder: String
  ) async throws -> ComparisonFolder {
    let pipelines = try runs.map { run in
      try run.pipeline(settings, in: folder + "/" + run.variant.label)
    }
    let comparison = try ComparisonFolder(
      path: folder,
      runs: try zip(runs, pipelines).map { run, pipeline in
        (run.variant.label, try settings.evaluation.manifest(of: pipeline))
      }, environment: RunIngredients.environment)
    let display = ProgressDisplay(
      settings.evaluation.dataset.name, labels: comparison.labels, style: settings.progressStyle)
    defer { display.finish() }
    _ = try await settings.evaluation.run(pipelines) { display.update($0) }
    return comparison
  }

  private func report(
    _ comparison: Comparison, _ recordedRuns: [RecordedRun], folder: String
  ) throws {
    if json {
      try StandardStreams.writeOutput(
        comparison.json(recordedRuns).expressibleText(.indented) + "\n")
    } else {
      try StandardStreams.writeOutput(comparison.text(as: .text))
    }
    if !evaluationOptions.quiet {
      StandardStreams.writeError("comparison: \(folder)\n  tacit report \(folder) -o report.html")
    }
    try reportFailures(
      zip(comparison.runs, recordedRuns).map { ($0.label, $1.path, $0.results) })
  }
}
