import Synchronization
import TacitJSON
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitStrategies

/// LatentSeek step by step against the authors' program, with its rewards given.
@Suite struct LatentSeekGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var testDescription: String { "\(model) \(key)" }

    func ids(_ name: String) -> [Int] { Golden.ids(value[name]) }
    var steps: [JSON] { value["steps"]?.array ?? [] }
    var rewards: [Double] { value["rewards_in_order"]?.array?.compactMap(\.number) ?? [] }
    var clip: Double? { value["params"]?["grad_clip"]?.number }
    func parameter(_ name: String) throws -> Double {
      try #require(value["params"]?[name]?.number)
    }
    func count(_ name: String) throws -> Int { try #require(value[name]?.integer) }

    /// A text as it is emitted: without the token that ended it.
    func text(_ ids: [Int]) throws -> [Int] {
      ids.last == (try count("eos_id")) ? Array(ids.dropLast()) : ids
    }
  }

  static let cases = ["llama", "qwen3", "qwen3_untied"].flatMap { model in
    let golden = (try? Fixtures.json("latentseek/\(model).json")) ?? [:]
    return (golden["cases"]?.array ?? []).map { Case(model: model, value: $0) }
  }

  @Test func allCasesAreThere() {
    #expect(Self.cases.count == 18)
    #expect(Self.cases.reduce(0) { $0 + $1.steps.count } == 30)
  }

  /// Every token of every answer, the states that take part, losses, and how the search ends.
  @Test(arguments: cases) func answers(_ golden: Case) async throws {
    let rewards = Mutex((left: golden.rewards[...], answers: [String]()))
    let function = RecipeFunction(identity: "golden") { arguments in
      try rewards.withLock { rewards -> RecipeValue in
        if case .string(let answer) = arguments[1] { rewards.answers.append(answer) }
        let reward = rewards.left.popFirst()
        return .number(try #require(reward))
      }
    }
    var options: [String: OptionValue] = [
      "max_new_tokens": .integer(1024), "max_rest_tokens": .integer(31),
      "eos_token_ids": .list([.integer(try golden.count("eos_id"))]),
      "rho": .number(try golden.parameter("k")),
      "max_steps": .integer(Int(try golden.parameter("max_num_steps"))),
      "learning_rate": .number(try golden.parameter("lr")),
      "reward_threshold": .number(try #require(golden.value["reward_threshold"]?.number)),
      "reward_function": .function(function),
    ]
    if let clip = golden.clip { options["gradient_clip"] = .number(clip) }
    let model = try Fixtures.reasoningModel(golden.model)
    let pipeline = try Pipeline(
      "golden",
      [Refinement.prompt(golden.ids("prompt_ids")), StageDraft("latent_seek", options)])
    let completion = try await pipeline.run(
      SampleInput(name: "golden", question: ""), model: model,
      options: RunOptions(trace: .steps))

    let texts = [golden.ids("original_ids")] + golden.steps.map { Golden.ids($0["generated_ids"]) }
    let expected = try texts.map { try golden.text($0) }
    #expect(completion.tokenIDs == expected.last)
    #expect(completion.finishReason.rawValue == (texts.last == expected.last ? "length" : "eos"))
    // Every answer was written to its end, in order.
    let written = completion.trace.filter { $0.kind == .explicit }.compactMap(\.tokenID)
    #expect(written == Array(expected.joined()))
    #expect(rewards.withLock { $0.left.isEmpty })
    let answers = try expected.map { try model.tokenizer.decode($0, skipSpecialTokens: true) }
    #expect(
      zip(rewards.withLock { $0.answers }, answers).allSatisfy { $1.hasPrefix($0) }
        && answers.count == rewards.withLock { $0.answers.count })

    let notes = completion.trace.filter { $0.kind == .event }.map(\.details)
    #expect(notes.first?["states"]?.integer == (try golden.count("update_length")))
    #expect(notes.compactMap { $0["reward"]?.number } == golden.rewards)
    #expect(
      notes.compactMap { $0["tokens"] }.map { Golden.ids($0) }
        == golden.steps.map { Golden.ids($0["next_tokens"]) })
    for (loss, step) in zip(notes.compactMap { $0["loss"]?.number }, golden.steps) {
      let expected = try #require(step["loss"]?.number)
      #expect(abs(loss - expected) < 1e-4 * abs(expected))
    }
  }

  /// States before and after every step, and gradients.
  @Test(arguments: cases.filter { !$0.steps.isEmpty }) func vectors(_ golden: Case) async throws {
    let arrays = try Golden("latentseek/" + golden.model)
    let count = try golden.count("update_length")
    let end = try golden.count("eos_id")
    let stage = TestStage { state in
      let original = try arrays.rows(golden.key + ".original_hidden")
      var states: [[Float]] = []
      while states.count < original.count {
        states.append(try await state.hidden())
        let id = try await state.logits().argmax()
        if id != end { try state.emit(id) }
      }
      #expect(relativeDifference(states, original) < 1e-4)
      var sought = SoughtStates(
        Array(states.prefix(count)), rate: try golden.parameter("lr"), clip: golden.clip)
      for (index, step) in golden.steps.enumerated() {
        let name = "\(golden.key).step\(index)"
        let before = try arrays.rows(name + ".before")
        #expect(relativeDifference(sought.states, before) < 1e-4, "\(name) before")
        let found = try await sought.step(
          reward: try #require(step["reward_used"]?.number), state)
        let gradient = try arrays.rows(name + ".grad")
        #expect(relativeDifference(found.gradient, gradient) < 1e-4, "\(name) gradient")
        let after = try arrays.rows(name + ".after")
        #expect(relativeDifference(sought.states, after) < 1e-4, "\(name) after")
        #expect(found.tokens == Golden.ids(step["next_tokens"]))
      }
    }
    let pipeline = try Pipeline(
      "golden", [Refinement.prompt(golden.ids("prompt_ids"))], then: stage)
    _ = try await pipeline.run(
      SampleInput(name: "golden", question: ""), model: Fixtures.reasoningModel(golden.model))
  }
}
