import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitEval
import TacitRecipe
import TacitStrategies
import TacitText
import TacitTrain

/// Trains a model as a recipe says.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a small model as a recipe says, and watch its accuracy grow.",
    discussion: """
      The folder of a run is a model: use it with --model. It also holds metrics.jsonl, the state \
      to go on from, and curve.html, which a browser shows live. The same command again goes on \
      where it was interrupted. Any number of threads gives the same bytes. Standard output is the \
      last accuracies.

      EXAMPLES
        tacit train pipelines/train/prosqa.lua
        tacit train pipelines/train/prosqa.lua -P method=direct --out runs/direct
        tacit run pipelines/coconut.lua --model runs/train/prosqa --question "…"
      """)

  @Argument(help: "Recipe, a Lua file that returns tacit.training { … }.")
  var recipe: String

  @OptionGroup var parameters: ParameterOptions

  @Option(help: "Folder of the run. Default: runs/train/NAME.")
  var out: String?

  @OptionGroup var threadOptions: ThreadOptions

  @Option(help: "Stop when so many steps of the run are done; a later call goes on.")
  var stopAfter: Int?

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if let stopAfter, stopAfter < 1 {
      throw ValidationError("--stop-after: expected 1 or more, found \(stopAfter)")
    }
  }

  func run() async throws {
    threadOptions.apply()
    let settings = try RecipeLoader.loadTraining(
      path: recipe, parameters: try parameters.values(), registry: .builtIn(),
      log: StandardStreams.writeError
    ).settings
    let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
    let tokenizerFolder = try locator.locate(settings.tokenizer).folder
    let folder = out ?? "runs/train/" + settings.name
    let startFolder = try settings.start.map { try locator.locate($0).folder }
    let questions = try Self.questions(settings.evaluation, tokenizerFolder)
    let (lastStep, isQuiet) = (stopAfter, quiet)
    let accuracies = try await interruptible(
      message: "interrupted; the same command goes on where it stopped"
    ) {
      let run = try TrainingRun(
        settings, in: folder, tokenizerFolder: tokenizerFolder, startFolder: startFolder,
        questions: questions)
      let display = TrainingDisplay(isQuiet: isQuiet)
      defer { display.finish() }
      try await run.run(until: lastStep) { display.update($0) }
      return run.accuracies
    }
    let lines = accuracies.map { mode, accuracy in
      mode + "\t" + String(format: "%.1f %%", 100 * accuracy) + "\n"
    }
    try StandardStreams.writeOutput(lines.joined())
    if !quiet { StandardStreams.writeError("model: \(folder)\ncurve: \(folder)/curve.html") }
  }

  private static func questions(
    _ evaluation: EvaluationSettings?, _ tokenizerFolder: String
  ) throws -> HeldOutQuestions? {
    guard let evaluation else { return nil }
    let tokenizer = try Tokenizer.load(folder: tokenizerFolder)
    guard let name = evaluation.dataset else {
      return try HeldOutQuestions(
        count: evaluation.limit, seed: evaluation.seed, tokenizer: tokenizer)
    }
    let samples = try Dataset.named(name).samples.prefix(evaluation.limit)
    return try HeldOutQuestions(
      samples.map { ($0.question, $0.target) }, tokenizer: tokenizer)
  }
}
