import ArgumentParser
import Foundation
import TacitEval
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitRecipe
import TacitStrategies

/// Runs a recipe on one question and streams what it emits.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a recipe on one question and stream the answer.",
    discussion: """
      The question comes from --question or from standard input.

      EXAMPLES
        tacit run pipelines/coconut.lua --question "Tom is a dumpus. …"
        tacit list datasets prosqa --sample 3 | tacit run pipelines/coconut.lua
        tacit run pipelines/chat.lua -m Qwen/Qwen3-0.6B --trace < question.txt
      """)

  @Argument(help: "The recipe, a Lua file.")
  var recipe: String

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var parameters: ParameterOptions

  @Option(name: .shortAndLong, help: "The question. Default: standard input.")
  var question: String?

  @Option(help: "Seed of all random numbers.")
  var seed: UInt64 = 0

  @Flag(help: "Print one JSON object in place of streamed text.")
  var json = false

  @Flag(help: "Show every step: with --json in the object, else on standard error.")
  var trace = false

  @Flag(help: "Like --trace, with the vector of every thought.")
  var traceVectors = false

  func run() async throws {
    let recipe = try RecipeLoader.load(
      path: self.recipe, parameters: try parameters.values(), registry: .builtIn(),
      log: StandardStreams.writeError)
    let question = try self.question ?? Self.questionFromInput()
    let pipeline = recipe.pipeline
    let models = try modelOptions.loader().models(for: pipeline)
    var options = RunOptions(
      seed: seed, trace: traceVectors ? .vectors : trace ? .steps : .none,
      answer: { answer(in: $0) })
    if !json { options.onText = { text in try? StandardStreams.writeOutput(text) } }
    let completion = try await interruptible(message: "interrupted") { [options] in
      try await pipeline.run(
        SampleInput(name: "question", question: question), models: models, options: options)
    }
    let report = CompletionReport(
      recipe: pipeline.name, model: models.main.located.name, completion: completion,
      answer: answer(in: completion.text), includesTrace: trace || traceVectors)
    if json {
      try StandardStreams.writeOutput(report.json.text() + "\n")
    } else {
      try StandardStreams.writeOutput("\n")
      if trace || traceVectors {
        let steps = TraceTable.table(completion.trace.map(\.json))
        StandardStreams.writeError(steps.rendered(as: .text))
      }
    }
  }

  /// - Throws: `ValidationError` when standard input is a terminal or is not UTF-8.
  private static func questionFromInput() throws -> String {
    guard !StandardStreams.inputIsTerminal else {
      throw ValidationError("no question: give --question TEXT or pipe one to standard input")
    }
    let data = FileHandle.standardInput.readDataToEndOfFile()
    guard let text = String(data: data, encoding: .utf8) else {
      throw Fault(message: "standard input: expected UTF-8 text")
    }
    // The newline that ends a piped line is not part of the question.
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
