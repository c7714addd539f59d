import ArgumentParser
import TacitJSON
import TacitProblems

/// Makes datasets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Make problems for training and evaluation.",
    discussion: """
      Problem i depends on the seed and on i only: a larger count begins with the smaller one's \
      problems.

      EXAMPLES
        tacit data prosqa --count 500 --seed 1 -o prosqa-500.json
        tacit data arithmetic --count 200 --steps 2..4 -o chains.jsonl
        tacit eval pipelines/coconut.lua --dataset prosqa-500.json
      """,
    subcommands: [DataProsQA.self, DataArithmetic.self])
}

/// Makes ProsQA problems.
struct DataProsQA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prosqa", abstract: "ProsQA problems in the JSON format of the published ones.")

  @OptionGroup var options: DataOptions

  func run() throws {
    let generator = ProsQAGenerator(seed: options.seed)
    let file = try options.outputOptions.open()
    for index in 0..<options.count {
      try file.write((index == 0 ? "[\n" : ",\n") + generator.problem(index).json.text())
    }
    try file.write("\n]\n")
    try file.finish()
  }
}

/// Makes chains of calculations.
struct DataArithmetic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arithmetic",
    abstract: "Chains of sums, differences and products as GSM8K JSON lines.")

  @OptionGroup var options: DataOptions

  @Option(help: "Links of a chain: a number, or a range of which all lengths are equally likely.")
  var steps = StepRange(range: 2...4)

  func run() throws {
    let generator = ArithmeticGenerator(seed: options.seed, steps: steps.range)
    let file = try options.outputOptions.open()
    for index in 0..<options.count { try file.write(generator.problem(index).json.text() + "\n") }
    try file.finish()
  }
}

/// How many problems, which, and where to.
struct DataOptions: ParsableArguments {
  @Option(help: "Number of problems.")
  var count: Int

  @Option(help: "Seed of the problems.")
  var seed: UInt64 = 0

  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    guard (1...10_000_000).contains(count) else {
      throw ValidationError("--count: expected 1 to 10000000, found \(count)")
    }
  }
}

/// "3" or "2..4".
struct StepRange: ExpressibleByArgument, CustomStringConvertible {
  let range: ClosedRange<Int>

  init(range: ClosedRange<Int>) { self.range = range }

  init?(argument: String) {
    let bounds = argument.components(separatedBy: "..").map { Int($0) }
    guard (1...2).contains(bounds.count), let lower = bounds.first.flatMap(\.self),
      let upper = bounds.last.flatMap(\.self), lower <= upper,
      ArithmeticGenerator.possibleSteps.contains(lower),
      ArithmeticGenerator.possibleSteps.contains(upper)
    else { return nil }
    range = lower...upper
  }

  var description: String { "\(range.lowerBound)..\(range.upperBound)" }
}
