import ArgumentParser
import TacitBench
import TacitModel

/// What is measured, and how often.
struct BenchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Some of prefill, decode and latent.", valueName: "names"))
  var workloads = "prefill,decode,latent"

  @Option(
    help: ArgumentHelp(
      "Numbers of live sessions of decode and latent.", valueName: "numbers"))
  var sessions = "1,4,8,16,32"

  @Option(
    help: ArgumentHelp("Numbers of sessions of prefill.", valueName: "numbers"))
  var prefillSessions = "1"

  @Option(help: "Positions of a prompt of prefill. Default: 512, or as many as the model has.")
  var prompt: Int?

  @Option(
    help: """
      Positions that decode and latent begin after. Default: 128, or as many as the model has room \
      for.
      """)
  var context: Int?

  @Option(help: "Tokens or thoughts of each session in one repetition.")
  var steps = 32

  @Option(name: .shortAndLong, help: "Timed repetitions, after one that is not.")
  var repetitions = 5

  @Option(help: "Seed of prompts and of random weights.")
  var seed: UInt64 = 0

  func validate() throws {
    for (name, value, most) in [
      ("--prompt", prompt ?? 1, 1 << 24), ("--context", context ?? 1, 1 << 24),
      ("--steps", steps, 1 << 24), ("--repetitions", repetitions, 10_000),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name): expected 1 to \(most), found \(value)")
    }
    _ = try numbers("--sessions", sessions)
    _ = try numbers("--prefill-sessions", prefillSessions)
    _ = try chosenWorkloads
  }

  /// The settings for a model, whose maximum shortens what was not asked for.
  /// - Throws: `ValidationError` as ``validate()``.
  func settings(_ configuration: ModelConfiguration) throws -> BenchSettings {
    let most = configuration.maximumPositions
    var settings = BenchSettings()
    settings.workloads = try chosenWorkloads
    settings.sessionCounts = try numbers("--sessions", sessions)
    settings.prefillSessionCounts = try numbers("--prefill-sessions", prefillSessions)
    settings.promptLength = prompt ?? min(settings.promptLength, most)
    settings.contextLength = context ?? max(1, min(settings.contextLength, most - steps))
    settings.stepCount = steps
    settings.repetitionCount = repetitions
    settings.seed = seed
    return settings
  }

  private var chosenWorkloads: [Workload] {
    get throws {
      try workloads.split(separator: ",", omittingEmptySubsequences: false).map { name in
        guard let workload = Workload(rawValue: String(name)) else {
          let known = Workload.allCases.map(\.rawValue).joined(separator: ", ")
          throw ValidationError("--workloads: expected some of \(known), found '\(name)'")
        }
        return workload
      }
    }
  }

  private func numbers(_ option: String, _ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Int(part), (1...4096).contains(number) else {
        throw ValidationError(
          "\(option): expected numbers from 1 to 4096 with commas between, found '\(part)'")
      }
      return number
    }
  }
}
