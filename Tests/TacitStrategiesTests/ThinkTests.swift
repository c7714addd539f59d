import Foundation
import Synchronization
import TacitFault
import TacitModel
import TacitStrategies
import TacitTensor
import TacitTesting
import Testing

@testable import TacitReasoning

/// Thinking without markers, soft embeddings and the controls of thoughts.
@Suite struct ThinkTests {
  private static func run(
    _ pipeline: Pipeline, _ model: ReasoningModel
  ) async throws -> Completion {
    try await Refinement.run(pipeline, ReasoningModels(main: model))
  }

  /// Between two markers that the prompt and the test write, it is Coconut.
  @Test func betweenMarkersItIsCoconut() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    let markers = try model.latentMarkers()
    let ids = try model.tokenizer.encode("the cat sat")
    let coconut = try await Self.run(Refinement.pipeline(Refinement.prompt(ids)), model)
    let decode = StageDraft(
      "generate", ["max_new_tokens": .integer(8), "ignore_eos": .boolean(true)])
    let think = try await Self.run(
      Pipeline(
        "think",
        [
          Refinement.prompt(ids + [markers.start]),
          StageDraft("think", ["latent_steps": .integer(4)]), Refinement.prompt([markers.end]),
          decode,
        ]), model)
    #expect(think.thoughts == coconut.thoughts)
    #expect(think.tokenIDs == coconut.tokenIDs)
    #expect(think.counts == coconut.counts)
  }

  /// The span ends after the first thought that makes the stop token the most probable one.
  @Test(arguments: ["gpt2", "llama"]) func stopsAtTheToken(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    let ids = try model.tokenizer.encode("the cat sat")
    let free = try await Self.run(
      Refinement.pipeline(Refinement.prompt(ids), stage: "think", steps: 6, tokens: 0), model)
    var best: [Int] = []
    for count in 1...6 {
      var sequence = model.network.makeSequence()
      let rows = ids.map { InputRow.token($0) } + free.thoughts.prefix(count).map { .vector($0) }
      let result = try await sequence.read(rows, want: [.logits()])
      best.append(try #require(result.logits)[0].argmax())
    }
    let ends = Set(best.dropLast()).compactMap { id in
      model.tokenizer.token(id).map { ($0, (best.firstIndex(of: id) ?? 0) + 1) }
    }
    #expect(!ends.isEmpty)
    for (token, count) in ends where model.tokenizer.tokenID(token) != nil {
      let pipeline = try Pipeline(
        "stop",
        [
          Refinement.prompt(ids),
          StageDraft("think", ["latent_steps": .integer(6), "stop_token": .string(token)]),
        ])
      try pipeline.check(ReasoningModels(main: model))
      let found = try await Self.run(pipeline, model)
      #expect(found.thoughts == Array(free.thoughts.prefix(count)))
    }
    let unknown = try Pipeline(
      "unknown", [StageDraft("prompt"), StageDraft("think", ["stop_token": .string("no such")])])
    #expect(throws: Fault.self) { try unknown.check(ReasoningModels(main: model)) }
  }

  private static func soft(_ options: [String: OptionValue]) throws -> ConfiguredPlugin {
    try Refinement.plugin("soft_embedding", options)
  }

  /// One thought of a feedback after a prompt, and the logits that it was made of.
  private static func first(
    _ feedback: ConfiguredPlugin, _ model: ReasoningModel
  ) async throws -> (row: [Float], hidden: [Float], logits: [Float]) {
    let result = Mutex(([Float](), [Float](), [Float]()))
    let made = try PluginRegistry.builtIn().makeFeedback(feedback)
    let stage = TestStage { state in
      let thought = try await state.thought(step: 0, previousRow: nil, needsLogits: true)
      var span = try #require(made as? any FeedbackSpan)
      let row = try await span.row(thought)
      result.withLock { $0 = (row, thought.hidden, thought.logits ?? []) }
    }
    _ = try await run(Pipeline("first", [StageDraft("prompt")], then: stage), model)
    return result.withLock { $0 }
  }

  @Test(arguments: ["gpt2", "llama", "qwen3", "qwen3_bf16"])
  func softEmbeddingIsTheMean(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    let size = model.configuration.vocabularySize
    let table = (0..<size).map { model.embedding(of: $0) }
    for options in [
      [:], ["temperature": .number(0.5)], ["top_k": .integer(5)],
      ["temperature": .number(2), "top_k": .integer(40)],
    ] as [[String: OptionValue]] {
      let found = try await Self.first(Self.soft(options), model)
      var temperature = 1.0
      if case .number(let value) = options["temperature"] { temperature = value }
      var kept = found.logits.indices.sorted { found.logits[$0] > found.logits[$1] }
      if case .integer(let count) = options["top_k"] { kept = Array(kept.prefix(count)) }
      let top = found.logits[kept[0]]
      let weights = kept.map { exp(Double(found.logits[$0] - top) / temperature) }
      let total = weights.reduce(0, +)
      let expected = table[0].indices.map { component in
        Float(
          zip(kept, weights).reduce(0) { $0 + $1.1 * Double(table[$1.0][component]) } / total)
      }
      #expect(relativeDifference([found.row], [expected]) < 1e-5)
    }
    for options in [["top_k": .integer(1)], ["temperature": .integer(0)]]
      as [[String: OptionValue]]
    {
      let found = try await Self.first(Self.soft(options), model)
      let best = found.logits.argmax()
      #expect(found.row == table[best])
      var certain = [Float](repeating: 0, count: size)
      certain[best] = 1
      #expect(try await model.network.makeSequence().softEmbedding(certain) == table[best])
    }
    let all = try await Self.first(Self.soft([:]), model).row
    #expect(try await Self.first(Self.soft(["top_k": .integer(size)]), model).row == all)
  }

  /// Feeding the most probable token's embedding is greedy decoding.
  @Test func onlyTheBestTokenIsGreedyDecoding() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let words = try await Self.run(
      Refinement.pipeline(stage: "think", steps: 0, tokens: 12), model)
    let rows = try await Self.run(
      Refinement.pipeline(
        stage: "think", steps: 5, feedback: Self.soft(["top_k": .integer(1)]), tokens: 7), model)
    #expect(rows.tokenIDs == Array(words.tokenIDs.dropFirst(5)))
    #expect(rows.counts.headRows == words.counts.headRows)
  }

  @Test func controlsCarryNothing() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let zero = try await Self.first(Refinement.plugin("zero"), model)
    #expect(zero.row == [Float](repeating: 0, count: 96))
    let random = try await Self.first(Refinement.plugin("random_vector"), model)
    #expect(abs(euclideanNorm(random.row) / euclideanNorm(random.hidden) - 1) < 1e-5)
    let product = zip(random.row, random.hidden).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    // The cosine of two directions in 96 dimensions has a standard deviation of a tenth.
    let squares = euclideanNorm(random.row) * euclideanNorm(random.hidden)
    #expect(abs(product) < 0.5 * squares)
    let other = SampleInput(name: "other", question: Refinement.sample.question)
    let pipeline = try Refinement.pipeline(feedback: Refinement.plugin("random_vector"))
    let models = ReasoningModels(main: model)
    let one = try await Refinement.run(pipeline, models).thoughts
    #expect(Set(one.map(\.first)).count == one.count)
    #expect(try await Refinement.run(pipeline, models, other).thoughts != one)
  }

  /// The thoughts about another question are those that Coconut has about it.
  @Test func foreignThoughtsAreCoconutsOwn() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    let models = ReasoningModels(main: model)
    let other = SampleInput(name: "test/2", question: "some mat sat on the cat")
    let about = try await Refinement.run(Refinement.pipeline(), models, other)
    let foreign = try Refinement.plugin(
      "foreign_thoughts", ["question": .string(other.question)])
    let found = try await Refinement.run(Refinement.pipeline(feedback: foreign), models)
    #expect(found.thoughts == about.thoughts)
    let own = try await Refinement.run(Refinement.pipeline(), models)
    #expect(found.thoughts != own.thoughts)
  }

  /// Shuffled thoughts are Coconut's own, none at its place, the same under the same seed.
  @Test func shuffledThoughtsAreItsOwnInAnotherOrder() async throws {
    let models = try Refinement.models("gpt2")
    let plain = try await Refinement.run(Refinement.pipeline(), models)
    let own = plain.trace.compactMap { $0.vector }
    let shuffle = try Refinement.plugin("shuffled_thoughts", ["count": .integer(4)])
    let found = try await Refinement.run(Refinement.pipeline(feedback: shuffle), models)
    let rows = found.trace.compactMap { $0.vector }
    #expect(rows.count == 4 && Set(rows) == Set(own))
    #expect(zip(rows, own).allSatisfy { $0 != $1 })
    let again = try await Refinement.run(Refinement.pipeline(feedback: shuffle), models)
    #expect(again.trace == found.trace)
    #expect(found.counts.latentSteps == 4)
    let tooFew = try Refinement.plugin("shuffled_thoughts", ["count": .integer(2)])
    await #expect(throws: Fault.self) {
      try await Refinement.run(Refinement.pipeline(feedback: tooFew), models)
    }
  }
}
