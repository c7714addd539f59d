import TacitFault
import TacitModel
@testable import TacitStrategies
import TacitTensor
import TacitTesting
import Testing

@testable import TacitReasoning

/// What follows from the definition of SwiReasoning and its options.
@Suite struct SwiReasoningTests {
  static let sampled: [String: OptionValue] = [
    "max_new_tokens": .integer(60), "temperature": .number(0.8), "top_p": .number(0.95),
    "top_k": .integer(50), "ignore_eos": .boolean(true),
  ]

  static func run(
    _ stage: String, _ options: [String: OptionValue], _ name: String,
    budget: Budget = Budget()
  ) async throws -> Completion {
    let model = try Fixtures.reasoningModel(name)
    let options = sampled.merging(options) { $1 }
    let pipeline = try Pipeline(
      stage, [StageDraft("prompt"), StageDraft(stage, options)], budget: budget)
    try pipeline.check(ReasoningModels(main: model))
    return try await pipeline.run(
      SampleInput(name: "test/1", question: "the cat sat on a mat and then"), model: model,
      options: RunOptions(seed: 3, trace: .vectors))
  }

  /// In explicit mode for ever it is sampling, with the same random numbers.
  @Test(arguments: ["gpt2", "llama", "qwen3"]) func explicitModeIsSampling(name: String)
    async throws
  {
    let plain = try await Self.run("generate", [:], name)
    let found = try await Self.run(
      "swi_reasoning",
      ["start_mode": .string("explicit"), "window_size": .integer(1_000_000)], name)
    #expect(found.tokenIDs == plain.tokenIDs)
    #expect(found.counts == plain.counts)
    #expect(found.finishReason == plain.finishReason)
    #expect(found.trace.map(\.entropy) == plain.trace.map(\.entropy))
  }

  @Test func nothingIsInjectedWithoutALimit() async throws {
    let found = try await Self.run(
      "swi_reasoning", ["window_size": .integer(0), "math_override": .boolean(false)], "llama")
    #expect(found.trace.last?.details["switches"]?.integer ?? 0 >= 2)
    #expect(found.trace.allSatisfy { $0.kind != .forced })
    #expect(found.trace.allSatisfy { $0.details["sampled_token_id"] == nil })
    #expect(found.tokenIDs.count == 60)
  }

  /// The control is sampling, but for what it injects, and reads no vector.
  @Test(arguments: ["gpt2", "llama", "qwen3"]) func triggersOnly(name: String) async throws {
    let plain = try await Self.run("generate", [:], name)
    let found = try await Self.run(
      "swi_reasoning",
      [
        "triggers_only": .boolean(true), "window_size": .integer(3),
        "max_switch_count": .integer(2),
      ], name)
    let first = try #require(found.trace.firstIndex { $0.kind == .forced })
    #expect(first > 3)
    #expect(found.tokenIDs.prefix(first) == plain.tokenIDs.prefix(first))
    #expect(found.counts.latentSteps == 0)
    // A token is drawn before another one replaces it.
    let sampled = found.trace[first].details["sampled_token_id"]?.integer
    #expect(sampled == plain.tokenIDs[first])
  }

  /// Termination: end-think and lead-in from the step after the switch, then a limited rest.
  @Test func terminationIsLimited() async throws {
    let found = try await Self.run(
      "swi_reasoning",
      [
        "max_switch_count": .integer(0), "window_size": .integer(100),
        "termination_max_tokens": .integer(9),
        "termination_token_ids": .list([.integer(11), .integer(12)]),
      ], "qwen3")
    let trigger = try #require(found.trace.firstIndex { $0.details["switch"] == "to_explicit" })
    #expect(found.trace[trigger].kind != .forced)
    #expect(Array(found.tokenIDs[(trigger + 1)...(trigger + 2)]) == [11, 12])
    #expect(found.tokenIDs.count == trigger + 9)
    #expect(found.finishReason == .length)
  }

  /// Convergence from M switches on, termination beyond 2M; each trigger replaces the queue.
  @Test func forcedTokens() {
    var forced = ForcedTokens(limit: 2, convergence: [1, 2, 3], termination: [7, 8], budget: 3)
    for count in [1, nil, 2] {
      #expect(forced.next() == nil)
      forced.endStep(switches: count)
    }
    #expect(forced.next() == 1)
    forced.endStep(switches: 4)
    #expect([forced.next(), forced.next(), forced.next(), forced.next()] == [1, 2, 3, nil])
    #expect(forced.remaining == nil)
    forced.endStep(switches: 5)
    #expect(forced.remaining == 2 && forced.next() == 7)
    forced.endStep(switches: nil)
    forced.endStep(switches: 6)
    #expect(forced.remaining == 2 && forced.next() == 7 && forced.next() == 8)
    forced.endStep(switches: nil)
    forced.endStep(switches: nil)
    #expect(forced.isExhausted)
  }

  /// The symbols give the tokens that the authors' list gives.
  @Test(arguments: ["qwen3", "llama"]) func mathSymbols(name: String) throws {
    let expected = Golden.ids(try Fixtures.json("swireasoning/\(name).json")["math_ids"])
    let model = try Fixtures.reasoningModel(name)
    #expect(try MathSymbols.tokenIDs(model.tokenizer) == Set(expected))
    #expect(expected.count > 100)
  }

  @Test(
    arguments: [
      (["end_think_token": .string("</reflect>")], "'end_think_token'"),
      (["start_token": .string("no such")], "start_mixing = false"),
      (["math_token_ids": .list([.integer(-1)])], "'math_token_ids'"),
      (
        [
          "max_switch_count": .integer(1),
          "termination_token_ids": .list([.integer(1 << 40)]),
        ], "'termination_token_ids'"
      ),
    ] as [([String: OptionValue], String)])
  func saysWhatTheModelLacks(options: [String: OptionValue], part: String) async throws {
    let error = await #expect(throws: Fault.self) {
      try await Self.run("swi_reasoning", options, "llama")
    }
    #expect(error?.description.contains(part) == true)
  }

  /// Refiners change soft rows and nothing else; each latent span begins anew.
  @Test func refinersSeeLatentSpans() async throws {
    var stage = SwiReasoningStage()
    (stage.windowSize, stage.maxNewTokens, stage.ignoreEOS) = (0, 60, true)
    stage.refiners = [SpanMarkRefiner()]
    let stages = try [PipelineStage(PromptStage()), PipelineStage(stage)]
    let found = try await Pipeline(name: "refined", stages: stages).run(
      SampleInput(name: "x", question: "the cat sat"), model: Fixtures.reasoningModel("qwen3"),
      options: RunOptions(trace: .vectors))
    var expected: Float = 0
    var spans = 0
    for step in found.trace {
      // The row that leaves latent mode closes the span; a symbol's token does not.
      if step.details["mode"] == "explicit" { expected = 0 }
      guard step.details["row"] == "soft" else { continue }
      #expect(step.vector?[0] == 100 + expected)
      #expect(step.vector?[1] == (expected == 0 ? -1 : 100 + expected - 1))
      spans += expected == 0 ? 1 : 0
      expected += 1
    }
    #expect(spans > 2)
    #expect(found.trace.contains { $0.details["row"] == "exit" && $0.vector?[0] ?? 99 < 99 })
  }

  /// Without mixing, rows are soft embeddings or tokens.
  @Test func withoutSignalMixing() async throws {
    let options: [String: OptionValue] = [
      "window_size": .integer(0), "signal_mixing": .boolean(false), "alpha_0": .number(0.2),
      "start_mixing": .boolean(false),
    ]
    let found = try await Self.run("swi_reasoning", options, "qwen3")
    #expect(found.trace.contains { $0.details["switch"] == "to_explicit" })
    #expect(found.trace.contains { $0.details["switch"] == "to_latent" })
    #expect(found.trace.allSatisfy { $0.details["row"] != "exit" })
    let model = try Fixtures.reasoningModel("qwen3")
    let ids = try model.tokenizer.encode("the cat sat on a mat and then")
    var sequence = model.network.makeSequence()
    let rows =
      ids.map { InputRow.token($0) }
      + found.trace.map { step in
        step.vector.map { .vector($0) } ?? .token(step.tokenID ?? 0)
      }
    let logits = try #require(try await sequence.read(rows, want: [.logits(.all)]).logits)
    for (number, step) in found.trace.enumerated() {
      guard let vector = step.vector else { continue }
      let weights = logits[ids.count - 1 + number].softmax()
      #expect(try await sequence.softEmbedding(weights) == vector)
    }
  }

  /// A soft row costs one product with the embedding matrix more than a token.
  @Test func softRowsAreCounted() async throws {
    let one: [String: OptionValue] = [
      "max_new_tokens": .integer(1), "math_override": .boolean(false),
    ]
    let soft = try await Self.run("swi_reasoning", one, "qwen3")
    let control = try await Self.run(
      "swi_reasoning", one.merging(["triggers_only": .boolean(true)]) { $1 }, "qwen3")
    let size = try Fixtures.reasoningModel("qwen3").configuration
    #expect(soft.trace.map(\.kind) == [.latent] && control.trace.map(\.kind) == [.explicit])
    #expect(
      soft.counts.floatingPointOperations - control.counts.floatingPointOperations
        == Double(2 * size.vocabularySize * size.hiddenSize))
  }

  /// Sampling the end-think token keeps to tokens, unless told otherwise.
  @Test(arguments: [true, false]) func lock(locks: Bool) async throws {
    let golden = try #require(
      SwiReasoningGoldenTests.cases("cases").first { $0.key == "w4_lock_0" })
    let model = try Fixtures.reasoningModel(golden.model)
    let end = try #require(golden.value["options"]?["end_think"]?.integer)
    let prompt = Golden.ids(golden.value["input_ids"]).map { OptionValue.integer($0) }
    let pipeline = try Pipeline(
      "lock",
      [
        StageDraft("prompt", ["token_ids": .list(prompt)]),
        StageDraft(
          "swi_reasoning",
          [
            "end_think_token": .string(try #require(model.tokenizer.token(end))),
            "window_size": .integer(4), "alpha_0": .number(0.6), "lock": .boolean(locks),
            "max_new_tokens": .integer(128), "math_override": .boolean(false),
          ]),
      ])
    let found = try await pipeline.run(
      SampleInput(name: "x", question: ""), model: model, options: RunOptions(trace: .steps))
    let first = try #require(found.tokenIDs.firstIndex(of: end))
    let after = found.trace[first...]
    #expect(after.contains { $0.details["switch"] == "to_latent" } == !locks)
    #expect(after.allSatisfy { $0.details["locked"]?.boolean == locks })
  }

  @Test func respectsTheBudgetInLatentMode() async throws {
    let latent: [String: OptionValue] = ["window_size": .integer(0)]
    let free = try await Self.run("swi_reasoning", latent, "qwen3")
    let some = try await Self.run("swi_reasoning", latent, "qwen3", budget: Budget(tokens: 25))
    #expect(some.tokenIDs == Array(free.tokenIDs.prefix(25)))
    #expect(some.finishReason == .budget)
    #expect(free.counts.latentSteps > 5 && free.counts.latentSteps < 60)
  }
}

/// Writes into a row what it knows of its place: number of the thought, and that of the one before.
private struct SpanMarkRefiner: Refiner {
  static let about = About("Marks rows.", source: "Tacit", fidelity: .faithful)

  func begin(_ context: SpanContext) -> any RefinerSpan { Span() }

  private struct Span: RefinerSpan {
    func refine(_ row: [Float], _ thought: Thought) -> [Float] {
      [100 + Float(thought.step), thought.previousRow?[0] ?? -1] + row.dropFirst(2)
    }
  }
}
