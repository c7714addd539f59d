import Synchronization
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// Self-consistency: several texts from one memory, one vote each.
@Suite struct SampleVoteTests {
  private static func pipeline(
    _ samples: Int, temperature: Double = 1.5, budget: Budget = Budget()
  ) throws -> Pipeline {
    try Pipeline(
      "vote",
      [
        StageDraft("prompt"),
        StageDraft(
          "sample_vote",
          [
            "samples": .integer(samples), "temperature": .number(temperature),
            "max_new_tokens": .integer(6), "ignore_eos": .boolean(true),
          ]),
      ], budget: budget)
  }

  /// Runs with the answers that a rule finds, in the order in which they were asked for.
  private static func run(
    _ pipeline: Pipeline, answers: [String?]
  ) async throws -> (completion: Completion, texts: [String], streamed: String) {
    let model = try Fixtures.reasoningModel("llama")
    let texts = Mutex<[String]>([])
    let streamed = Mutex("")
    let options = RunOptions(
      seed: 2, trace: .steps, onText: { text in streamed.withLock { $0 += text } },
      answer: { text in
        texts.withLock {
          $0.append(text)
          return answers[$0.count - 1]
        }
      })
    let completion = try await pipeline.run(Refinement.sample, model: model, options: options)
    return (completion, texts.withLock { $0 }, streamed.withLock { $0 })
  }

  @Test(
    arguments: [
      (["a", "b", "b", "c", "b"], 1), (["a", "b", "b", "a"], 0), (["a", "b"], 0),
      ([nil, " ", "x"], 2), ([nil, "", nil], 0), ([nil, nil, "y", "x", "x"], 3),
    ] as [([String?], Int)])
  func theMajorityWins(answers: [String?], winner: Int) async throws {
    let (completion, texts, streamed) = try await Self.run(
      Self.pipeline(answers.count), answers: answers)
    #expect(texts.count == answers.count && Set(texts).count == texts.count)
    #expect(completion.text.hasPrefix(texts[winner]))
    #expect(streamed == completion.text)
    #expect(completion.tokenIDs.count == 6 && completion.finishReason == .length)
    #expect(completion.counts.tokens == 6 * answers.count)
    let again = try await Self.run(Self.pipeline(answers.count), answers: answers)
    #expect(again.texts == texts && again.completion.trace == completion.trace)
  }

  @Test func oneGreedySampleIsGreedyDecoding() async throws {
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(6), "ignore_eos": .boolean(true),
    ]
    let model = try Fixtures.reasoningModel("llama")
    let plain = try await Pipeline("plain", [StageDraft("prompt"), StageDraft("generate", decode)])
      .run(Refinement.sample, model: model)
    let vote = try await Self.run(Self.pipeline(1, temperature: 0), answers: ["a"]).completion
    #expect(vote.tokenIDs == plain.tokenIDs && vote.text == plain.text)
    #expect(vote.counts == plain.counts)
  }

  /// A budget that ends in the middle leaves the vote so far, or the text that was cut short.
  @Test(arguments: [(4, 4, 0), (15, 6, 1)])
  func aBudgetLeavesWhatThereIs(tokens: Int, kept: Int, winner: Int) async throws {
    let pipeline = try Self.pipeline(3, budget: Budget(tokens: tokens))
    let (completion, texts, _) = try await Self.run(pipeline, answers: [nil, "b", "b"])
    #expect(completion.finishReason == .budget && completion.counts.tokens == tokens)
    #expect(completion.tokenIDs.count == kept)
    if kept == 6 { #expect(completion.text.hasPrefix(texts[winner])) }
  }
}
