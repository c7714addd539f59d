import Foundation
import Synchronization
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// Several continuations of one memory, and the choice among them.
@Suite struct VoteTests {
  private static func decode(_ tokens: Int, temperature: Double) throws -> ConfiguredPlugin {
    try Refinement.plugin(
      "generate",
      [
        "temperature": .number(temperature), "max_new_tokens": .integer(tokens),
        "ignore_eos": .boolean(true),
      ])
  }

  private static func pipeline(
    _ count: Int, temperature: Double = 1.5, thinking: [ConfiguredPlugin] = [],
    weight: RecipeFunction? = nil, budget: Budget = Budget()
  ) throws -> Pipeline {
    let stages = thinking + [try decode(6, temperature: temperature)]
    return try Pipeline(
      "vote",
      [
        StageDraft("prompt"),
        StageDraft("sample", ["n": .integer(count), "stages": .plugins(stages)]),
        StageDraft("vote", weight.map { ["weight": .function($0)] } ?? [:]),
      ], budget: budget)
  }

  private struct Outcome {
    let completion: Completion
    /// Texts of which an answer was asked for, in this order.
    let texts: [String]
    let streamed: String
    var vote: [String: JSON] { completion.trace.last { $0.kind == .event }?.details ?? [:] }
  }

  /// Runs with the answers that a rule finds, in the order in which they were asked for.
  private static func run(_ pipeline: Pipeline, answers: [String?]) async throws -> Outcome {
    let model = try Fixtures.reasoningModel("llama")
    let texts = Mutex<[String]>([])
    let streamed = Mutex("")
    let options = RunOptions(
      seed: 2, trace: .vectors, onText: { text in streamed.withLock { $0 += text } },
      answer: { text in
        texts.withLock {
          $0.append(text)
          return answers[$0.count - 1]
        }
      })
    let completion = try await pipeline.run(Refinement.sample, model: model, options: options)
    return Outcome(
      completion: completion, texts: texts.withLock { $0 }, streamed: streamed.withLock { $0 })
  }

  @Test(
    arguments: [
      (["a", "b", "b", "c", "b"], 1), (["a", "b", "b", "a"], 0), (["a", "b"], 0),
      ([nil, " ", "x"], 2), ([nil, "", nil], 0), ([nil, nil, "y", "x", "x"], 3),
    ] as [([String?], Int)])
  func theMajorityWins(answers: [String?], winner: Int) async throws {
    let found = try await Self.run(Self.pipeline(answers.count), answers: answers)
    let (completion, texts) = (found.completion, found.texts)
    #expect(texts.count == answers.count && Set(texts).count == texts.count)
    #expect(completion.text == texts[winner] && found.streamed == completion.text)
    #expect(completion.tokenIDs.count == 6 && completion.finishReason == .length)
    #expect(completion.counts.tokens == 6 * answers.count)
    // The question is read once; of each text the last token is not read.
    let prompt = completion.promptTokenIDs.count
    #expect(completion.counts.positions == prompt + 5 * answers.count)
    #expect(completion.counts.forwardPasses == 1 + 5 * answers.count)
    let again = try await Self.run(Self.pipeline(answers.count), answers: answers)
    #expect(again.texts == texts && again.completion.trace == completion.trace)
  }

  /// The trace tells the branches apart and ends with the ballot.
  @Test func theTraceShowsTheBallot() async throws {
    let found = try await Self.run(Self.pipeline(3), answers: ["a", nil, "a"])
    let trace = found.completion.trace
    #expect(trace.map(\.step) == Array(0..<19))
    #expect(
      trace.prefix(18).map { $0.details["branch"]?.string }
        == [0, 1, 2].flatMap { [String](repeating: "\($0)", count: 6) })
    #expect(trace[18].stage == "vote" && trace[18].details["branch"] == nil)
    #expect(found.vote["answers"] == ["a", .null, "a"])
    #expect(found.vote["votes"] == [["a", 2.0]] && found.vote["chosen"] == 0)
  }

  @Test func oneGreedySampleIsGreedyDecoding() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let plain = try await Refinement.run(
      Refinement.pipeline(stage: "think", steps: 0, tokens: 6), ReasoningModels(main: model))
    let vote = try await Self.run(Self.pipeline(1, temperature: 0), answers: ["a"]).completion
    #expect(vote.tokenIDs == plain.tokenIDs && vote.text == plain.text)
    // The page that the question ends in is kept beside the candidate's own.
    var counts = vote.counts
    counts.peakMemoryBytes = plain.counts.peakMemoryBytes
    #expect(counts == plain.counts)
  }

  /// Greedy answers to noisy thoughts differ by their thoughts, which cost what they cost alone.
  @Test func branchesHaveRandomNumbersOfTheirOwn() async throws {
    let noise = try Refinement.plugin("gaussian_noise", ["sigma": .number(1)])
    let think = try Refinement.plugin(
      "think", ["latent_steps": .integer(2), "refine": .plugins([noise])])
    let found = try await Self.run(
      Self.pipeline(4, temperature: 0, thinking: [think]), answers: ["a", "a", "b", "a"])
    #expect(found.completion.thoughts.count == 8 && Set(found.completion.thoughts).count == 8)
    #expect(found.completion.counts.latentSteps == 8)
    #expect(found.completion.text == found.texts[0])
  }

  /// A sample whose branches ran one after the other would wait here for ever.
  @Test(.timeLimit(.minutes(15))) func branchesRunSideBySide() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let arrived = Mutex(0)
    let meeting = TestStage { state in
      _ = try await state.hidden()
      arrived.withLock { $0 += 1 }
      while arrived.withLock({ $0 }) < 4 { try await Task.sleep(for: .milliseconds(1)) }
      state.mark(5)
      _ = try await state.hidden()
    }
    let branched = TestStage { state in
      let stage = PipelineStage(
        name: "meet", requires: [], provides: [], location: nil, body: meeting)
      try await state.branch(count: 4, through: [stage])
    }
    let completion = try await Pipeline("meet", [StageDraft("prompt")], then: branched)
      .run(Refinement.sample, model: model)
    #expect(completion.counts.positions == completion.promptTokenIDs.count + 4)
  }

  /// Branches that drop memory, and branches of branches, cost the same whoever else runs.
  @Test func costsAreNoMatterOfTiming() async throws {
    let decode = try Self.decode(8, temperature: 1.5)
    let agent = try Refinement.plugin(
      "latent_agent",
      ["format": .string("plain"), "keep": .string("latent"), "latent_steps": .integer(4)])
    let inner = try Refinement.plugin(
      "sample", ["n": .integer(3), "stages": .plugins([agent, decode])])
    let vote = try Refinement.plugin("vote")
    let pipeline = try Pipeline(
      "drop",
      [
        StageDraft("prompt"),
        StageDraft("sample", ["n": .integer(4), "stages": .plugins([agent, inner, vote])]),
        StageDraft("vote"),
      ])
    let model = try Fixtures.reasoningModel("llama")
    let alone = try await ConformanceTests.run(pipeline, 7, model)
    let together = try await withThrowingTaskGroup(of: ConformanceTests.Outcome.self) { group in
      for _ in 0..<24 {
        group.addTask { try await ConformanceTests.run(pipeline, 7, model) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together.count == 24 && together.allSatisfy { $0 == alone })
  }

  /// Votes within branches, and a vote over what won there.
  @Test func branchesMayBranch() async throws {
    let decode = try Self.decode(3, temperature: 1.5)
    let inner = try Refinement.plugin(
      "sample", ["n": .integer(2), "stages": .plugins([decode])])
    let vote = try Refinement.plugin("vote")
    let pipeline = try Pipeline(
      "nested",
      [
        StageDraft("prompt"),
        StageDraft("sample", ["n": .integer(2), "stages": .plugins([inner, vote])]),
        StageDraft("vote"),
      ])
    let model = try Fixtures.reasoningModel("llama")
    let found = try await Refinement.run(pipeline, ReasoningModels(main: model))
    #expect(found.counts.tokens == 12 && found.tokenIDs.count == 3)
    let tokens = found.trace.filter { $0.kind == .explicit }
    #expect(Set(tokens.compactMap(\.tokenID)).count > 6)
    // Three tokens of each, then the inner vote; the outer one belongs to no branch.
    let expected = "0.0 0.0 0.0 0.1 0.1 0.1 0 1.0 1.0 1.0 1.1 1.1 1.1 1 -"
    let paths = found.trace.map { $0.details["branch"]?.string ?? "-" }
    #expect(paths.joined(separator: " ") == expected)
  }

  @Test(arguments: [
    (["a", "b", "b"], [3.0, 1, 1], 0), (["a", "b", "b"], [1, 0, 1.5], 1),
    (["a", "b"], [0, 0], 0),
  ])
  func votesMayHaveWeights(answers: [String], weights: [Double], winner: Int) async throws {
    let asked = Mutex(0)
    let weight = RecipeFunction(identity: "test:1") { _ in
      asked.withLock {
        $0 += 1
        return .number(weights[$0 - 1])
      }
    }
    let found = try await Self.run(Self.pipeline(answers.count, weight: weight), answers: answers)
    #expect(found.vote["chosen"] == .integer(winner))
    #expect(found.completion.text == found.texts[winner])
  }

  @Test(arguments: [RecipeValue.number(-1), .number(.infinity), .string("1"), .null])
  func aWeightIsANumber(value: RecipeValue) async throws {
    let weight = RecipeFunction(identity: "test:1") { _ in value }
    let error = await #expect(throws: Fault.self) {
      try await Self.run(Self.pipeline(1, weight: weight), answers: ["a"])
    }
    #expect(error?.position.contains("'weight' (test:1)") == true)
  }

  /// A budget that ends in the middle leaves the vote so far, or the text that was cut short.
  @Test(arguments: [(4, 4, 0), (15, 6, 1)])
  func aBudgetLeavesWhatThereIs(tokens: Int, kept: Int, winner: Int) async throws {
    let pipeline = try Self.pipeline(3, budget: Budget(tokens: tokens))
    let found = try await Self.run(pipeline, answers: [nil, "b", "b"])
    let completion = found.completion
    #expect(completion.finishReason == .budget && completion.counts.tokens == tokens)
    #expect(completion.tokenIDs.count == kept)
    #expect(found.vote["chosen"] == .integer(winner))
    if kept == 6 { #expect(completion.text == found.texts[winner]) }
  }

  /// What is drawn does not depend on whether a budget makes the branches run one by one.
  @Test func aBudgetThatSufficesChangesNothing() async throws {
    let answers = ["a", "b", "b"]
    let free = try await Self.run(Self.pipeline(3), answers: answers)
    let bounded = try await Self.run(
      Self.pipeline(3, budget: Budget(tokens: 18)), answers: answers)
    #expect(bounded.texts == free.texts && bounded.completion.trace == free.completion.trace)
    #expect(bounded.completion.counts == free.completion.counts)
    #expect(bounded.completion.finishReason == .length)
  }

  @Test func stagesThatCannotBeSampled() throws {
    let vote = try Refinement.plugin("vote")
    let think = try Refinement.plugin("think")
    let decode = try Self.decode(1, temperature: 1)
    for (stages, found) in [
      ([], "no stages"), ([think], "think"), ([vote, decode], "no earlier stage"),
    ] {
      let error = #expect(throws: Fault.self) {
        try Pipeline("x", [StageDraft("sample", ["stages": .plugins(stages)])])
      }
      #expect(error?.position.contains("'stages'") == true && error?.text.contains(found) == true)
    }
    let stop = try Refinement.plugin("think", ["stop_token": .string("no such")])
    let pipeline = try Self.pipeline(2, thinking: [stop])
    let models = ReasoningModels(main: try Fixtures.reasoningModel("llama"))
    let error = #expect(throws: Fault.self) { try pipeline.check(models) }
    #expect(error?.found == "'no such'")
  }
}
