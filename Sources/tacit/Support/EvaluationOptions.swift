import ArgumentParser
import TacitEval
import TacitFault

/// What is put to the recipes, how often, and how it is watched.
struct EvaluationOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A file of a known benchmark, any JSONL, or an embedded dataset; see tacit list datasets.",
      discussion: "FILE?question=q&target=a&id=i&cluster=c&scorer=s names the fields.",
      valueName: "file|name"))
  var dataset: String

  @OptionGroup var scorerOptions: ScorerOptions

  @Option(help: "Only so many of the first samples.")
  var limit: Int?

  @Option(help: "How often each sample is put.")
  var repeats = 1

  @Option(help: "Seed of all random numbers.")
  var seed: UInt64 = 0

  @Option(help: "Samples under way at a time; changes no result.")
  var concurrency = 32

  @Flag(help: "Stop at the first sample that fails.")
  var failFast = false

  @Flag(help: "Record every step in trace.jsonl.")
  var trace = false

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

  /// Reads the dataset and what marks it.
  /// - Throws: `Fault` when one of them cannot be read.
  func settings(movesOnMismatch: Bool, warmUpCount: Int = 0) throws -> RunSettings {
    let scoring = try scorerOptions.scoring(hasDataset: true)
    var evaluation = Evaluation(try Dataset.named(dataset, scoring: scoring))
    evaluation.limit = limit
    evaluation.repeats = repeats
    evaluation.concurrency = concurrency
    evaluation.failFast = failFast
    evaluation.warmUpCount = warmUpCount
    return RunSettings(
      evaluation: evaluation, seed: seed, tracing: trace, movesOnMismatch: movesOnMismatch,
      isQuiet: quiet)
  }
}
