import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitStrategies

/// What LatentSeek promises beyond the authors' program.
@Suite struct LatentSeekTests {
  static let sample = SampleInput(name: "seek", question: "the cat sat on the mat and the dog")

  static func run(
    _ options: [String: OptionValue], model name: String = "llama", budget: Budget = Budget(),
    run: RunOptions = RunOptions(trace: .steps)
  ) async throws -> Completion {
    let options = options.merging(["ignore_eos": .boolean(true)]) { first, _ in first }
    return try await Pipeline(
      "seek", [StageDraft("prompt"), StageDraft("latent_seek", options)], budget: budget
    ).run(sample, model: Fixtures.reasoningModel(name), options: run)
  }

  static func constant(_ reward: Double) -> OptionValue {
    .function(RecipeFunction(identity: "constant") { _ in .number(reward) })
  }

  @Test(arguments: ["gpt2", "llama", "qwen3_untied"])
  func withoutStepsItIsGreedyDecoding(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(20), "ignore_eos": .boolean(true),
    ]
    func run(_ stage: StageDraft) async throws -> Completion {
      try await Pipeline("plain", [StageDraft("prompt"), stage]).run(
        Self.sample, model: model, options: RunOptions(trace: .steps))
    }
    let plain = try await run(StageDraft("generate", decode))
    let found = try await run(
      StageDraft("latent_seek", decode.merging(["max_steps": .integer(0)]) { $1 }))
    #expect(found.tokenIDs == plain.tokenIDs && found.text == plain.text)
    #expect(found.finishReason == plain.finishReason && found.counts == plain.counts)
    #expect(found.trace.map(\.entropy) == plain.trace.map(\.entropy))
    // So it is where the first answer is good enough, or nothing takes part.
    for options in [
      ["reward_function": Self.constant(0)],
      ["reward_function": Self.constant(-1), "rho": .number(0)],
    ] as [[String: OptionValue]] {
      let found = try await run(StageDraft("latent_seek", decode.merging(options) { $1 }))
      #expect(found.tokenIDs == plain.tokenIDs && found.counts.positions == plain.counts.positions)
      #expect(found.counts.forwardPasses == plain.counts.forwardPasses)
    }
  }

  /// The best answer is that of the highest reward, the first among equals; each is charged.
  @Test func lastOrBest() async throws {
    func run(_ returned: String, _ rewards: [Double]) async throws -> Completion {
      let left = Rewards(rewards)
      return try await Self.run([
        "max_new_tokens": .integer(10), "rho": .number(0.5), "max_steps": .integer(3),
        "learning_rate": .number(0.5), "returns": .string(returned),
        "reward_function": .function(RecipeFunction(identity: "list") { _ in left.next() }),
      ])
    }
    let last = try await run("last", [-0.9, -0.4, -0.4, -0.9])
    let answers = stride(from: 0, to: 40, by: 10).map { start in
      Array(
        last.trace.filter { $0.kind == .explicit }.compactMap(\.tokenID)[start..<start + 10])
    }
    #expect(Set(answers).count > 2)
    #expect(last.tokenIDs == answers[3])
    #expect(try await run("best", [-0.9, -0.4, -0.4, -0.9]).tokenIDs == answers[1])
    #expect(try await run("best", [-0.4, -0.4, -0.4, -0.9]).tokenIDs == answers[0])
    #expect(last.counts.tokens == 40)
    // The head alone: 5 states before and after each of 3 steps, beside the rows of 4 answers.
    #expect(last.counts.headRows == 3 * 10 + 10 + 3 * 5)
  }

  /// A function that gives numbers in turn.
  final class Rewards: @unchecked Sendable {
    private var left: [Double]
    init(_ rewards: [Double]) { left = rewards }
    func next() -> RecipeValue { .number(left.isEmpty ? -1 : left.removeFirst()) }
  }

  /// What there is when the budget ends is the answer so far, not half of the next one.
  @Test func theBudgetKeepsTheAnswer() async throws {
    let options: [String: OptionValue] = [
      "max_new_tokens": .integer(10), "rho": .number(0.5), "max_steps": .integer(3),
      "learning_rate": .number(0.5), "reward_function": Self.constant(-1),
    ]
    let free = try await Self.run(options)
    let written = free.trace.filter { $0.kind == .explicit }.compactMap(\.tokenID)
    for limit in [4, 10, 14, 20, 33] {
      let found = try await Self.run(options, budget: Budget(tokens: limit))
      let start = max(0, limit / 10 - 1) * 10
      #expect(found.finishReason == .budget && found.counts.tokens == limit)
      #expect(found.tokenIDs == Array(written[start..<min(start + 10, limit)]))
    }
    let rows = try await Self.run(options, budget: Budget(positions: free.counts.positions - 1))
    #expect(rows.finishReason == .budget && rows.tokenIDs == Array(written[20..<30]))
  }

  /// The right answer is asked for in an evaluation only, and the completion says so.
  @Test func theOracleShows() async throws {
    let options: [String: OptionValue] = [
      "max_new_tokens": .integer(8), "rho": .number(0.5), "max_steps": .integer(4),
      "learning_rate": .number(0.5), "reward": .string("scorer"),
    ]
    await #expect(throws: Fault.self) { try await Self.run(options) }
    let first = try await Self.run(options, run: RunOptions(score: { _ in 1 }))
    #expect(first.isOracle && first.counts.tokens == 8)
    let all = try await Self.run(options, run: RunOptions(score: { _ in 0 }))
    #expect(all.isOracle && all.counts.tokens == 40)
    let other = try await Self.run(
      options.merging(["reward_function": Self.constant(-1)]) { $1 },
      run: RunOptions(score: { _ in 1 }))
    #expect(!other.isOracle)
    // In a branch, too.
    let branch = try Refinement.plugin("latent_seek", options)
    let vote = try await Pipeline(
      "vote",
      [
        StageDraft("prompt"),
        StageDraft("sample", ["n": .integer(2), "stages": .plugins([branch])]),
        StageDraft("vote"),
      ]
    ).run(
      Self.sample, model: Fixtures.reasoningModel("llama"), options: RunOptions(score: { _ in 1 }))
    #expect(vote.isOracle)
  }

  @Test func verificationByTheModelItself() async throws {
    let options: [String: OptionValue] = [
      "max_new_tokens": .integer(8), "rho": .number(0.5), "max_steps": .integer(1),
      "max_verify_tokens": .integer(3),
    ]
    let found = try await Self.run(options, model: "qwen3")
    let again = try await Self.run(options, model: "qwen3")
    #expect(found.tokenIDs == again.tokenIDs && found.counts == again.counts)
    let rewards = found.trace.compactMap { $0.details["reward"]?.number }
    #expect(rewards.allSatisfy { (-1...0).contains($0) } && !rewards.isEmpty)
    let asked = found.trace.compactMap { $0.details["verification"]?.string }
    #expect(
      asked.prefix(4) == ["understanding", "calculation", "completeness", "answer"])
    // The judgements are charged and no part of the text.
    #expect(found.counts.tokens > 8 && found.tokenIDs.count == 8)
    let silent = try await Self.run(
      options, model: "qwen3", run: RunOptions(trace: .steps, answer: { _ in nil }))
    #expect(
      !silent.trace.contains { $0.details["verification"]?.string == "completeness" })
    let bounded = try await Self.run(options, model: "qwen3", budget: Budget(positions: 100))
    #expect(bounded.finishReason == .budget && bounded.counts.positions <= 100)
    #expect(bounded.tokenIDs.count == 8)
  }

  @Test(
    arguments: [
      ("Yes. ", true), ("I say: no, ", false), ("not yesterday ", nil), ("yes", nil), ("", nil),
      ("<think>no, wait</think> YES!", true), ("NO\nyes ", false),
    ] as [(String, Bool?)])
  func verdicts(text: String, verdict: Bool?) {
    #expect(SelfVerification.verdict(in: text) == verdict)
  }

  @Test func rewardsMustBeNumbers() async throws {
    for value in [RecipeValue.string("-1"), .null, .number(.nan)] {
      let function = RecipeFunction(identity: "bad.lua:3") { _ in value }
      let error = await #expect(throws: Fault.self) {
        try await Self.run(["max_new_tokens": .integer(4), "reward_function": .function(function)])
      }
      #expect(error?.position.contains("bad.lua:3") == true)
    }
  }
}
