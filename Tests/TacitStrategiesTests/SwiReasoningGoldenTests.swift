import TacitJSON
import TacitReasoning
import TacitTesting
import Testing

/// SwiReasoning against the authors' own program on the same random weights, step by step.
@Suite struct SwiReasoningGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let file: JSON
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var testDescription: String { "\(model) \(key)" }

    func numbers(_ name: String) -> [Double] {
      value["trace"]?[name]?.array?.compactMap(\.number) ?? []
    }

    func flags(_ name: String) -> [Bool] { numbers(name).map { $0 == 1 } }

    /// The stage after the prompt, both with the case's options.
    func pipeline(_ model: ReasoningModel, prompt: JSON?) throws -> Pipeline {
      func list(_ ids: JSON?) -> OptionValue {
        .list(Golden.ids(ids).map { .integer($0) })
      }
      func token(_ name: String) throws -> OptionValue {
        let id = try #require(value["options"]?[name]?.integer)
        return .string(try #require(model.tokenizer.token(id)))
      }
      var options: [String: OptionValue] = [
        "think_token": try token("think"), "end_think_token": try token("end_think"),
        "math_override": .boolean(value["math"]?.boolean == true),
        "eos_token_ids": .list([.integer(try #require(value["eos_id"]?.integer))]),
        "convergence_token_ids": list(value["options"]?["convergence"]),
        "termination_token_ids": list(file["termination"]),
      ]
      for name in ["alpha_0", "beta_0", "top_p", "min_p"] {
        if let number = value["options"]?[name]?.number { options[name] = .number(number) }
      }
      for name in [
        "window_size", "max_new_tokens", "max_switch_count", "termination_max_tokens", "top_k",
      ] {
        if let number = value["options"]?[name]?.integer { options[name] = .integer(number) }
      }
      let pipeline = try Pipeline(
        key,
        [
          StageDraft("prompt", ["token_ids": list(prompt)]), StageDraft("swi_reasoning", options),
        ])
      try pipeline.check(ReasoningModels(main: model))
      return pipeline
    }
  }

  static func cases(_ kind: String) -> [Case] {
    ["qwen3", "qwen3_untied", "llama"].flatMap { model in
      let golden = (try? Fixtures.json("swireasoning/\(model).json")) ?? [:]
      return (golden[kind]?.array ?? []).map { Case(model: model, file: golden, value: $0) }
    }
  }

  @Test func allCasesAreThere() {
    #expect(Self.cases("cases").count == 66)
    #expect(Self.cases("batches").count == 9)
  }

  @Test(arguments: cases("cases")) func everyStep(_ golden: Case) async throws {
    let model = try Fixtures.reasoningModel(golden.model)
    let completion = try await golden.pipeline(model, prompt: golden.value["input_ids"]).run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))
    let steps = completion.trace
    // The authors write the token that ends the text; here it is a reason to finish.
    let ended = golden.value["stop"]?.string == "eos"
    let count = golden.numbers("token").count - (ended ? 1 : 0)
    try #require(steps.count == count)
    #expect(completion.finishReason == (ended ? .endOfSequence : .length))
    let isExhausted = steps.last?.details["steps_left"]?.integer == 0
    #expect(isExhausted == (golden.value["stop"]?.string == "answer_budget"))

    func equal(_ found: [Bool], _ name: String) {
      #expect(found == Array(golden.flags(name).prefix(count)), "\(name)")
    }
    func equal(_ found: [Int?], _ name: String) {
      #expect(found == golden.numbers(name).prefix(count).map { Int($0) }, "\(name)")
    }
    func close(_ found: [Double], _ name: String, noise: Double = 0) {
      #expect(found.count == count)
      for (found, expected) in zip(found, golden.numbers(name)) {
        #expect(abs(found - expected) < 1e-4 * expected + 2 * noise, "\(name)")
      }
    }
    // Distance of the reference from the same computation in Float64, in nats.
    let noise = try #require(golden.value["entropy_noise"]?.number)
    equal(completion.tokenIDs, "token")
    equal(steps.map(\.tokenID), "token")
    equal(steps.map { $0.details["sampled_token_id"]?.integer ?? $0.tokenID }, "raw_token")
    close(steps.compactMap(\.entropy), "entropy", noise: noise)
    close(
      steps.compactMap { $0.details["ref_entropy"]?.number }, "ref_entropy", noise: noise)
    equal(steps.map { $0.details["mode"] == "explicit" ? 1 : 0 }, "mode")
    equal(steps.map { $0.details["dwell"]?.integer }, "stay")
    equal(steps.map { $0.details["switch"] == "to_explicit" }, "to_normal")
    equal(steps.map { $0.details["switch"] == "to_latent" }, "to_soft")
    equal(steps.map { $0.details["row"] == "soft" }, "soft_input")
    equal(steps.map { $0.details["locked"]?.boolean == true }, "locked")
    #expect(steps.last?.details["switches"] == golden.value["to_normal"])

    let rows = try steps.map { step in
      try step.vector ?? model.embedding(of: #require(step.tokenID))
    }
    close(
      rows.map { $0.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }, "emb_norm")
    for (row, head) in zip(rows, golden.value["head"]?.array ?? []) {
      let expected = head.array?.compactMap(\.number) ?? []
      #expect(expected.count == 8)
      for (found, expected) in zip(row, expected) { #expect(abs(Double(found) - expected) < 1e-4) }
    }
    // The row of the last step is not read any more, unless an end-of-sequence token follows.
    let read = ended ? steps[...] : steps.dropLast()
    #expect(completion.counts.latentSteps == read.count { $0.vector != nil })
  }

  /// Rows of the authors' padded batches: here sequences that run side by side.
  ///
  /// A chain of soft rows is a recurrence that amplifies rounding: the padded Float32 reference is
  /// up to 9e-4 relative from the same computation in Float64.
  @Test(arguments: cases("batches")) func sideBySide(_ golden: Case) async throws {
    let model = try Fixtures.reasoningModel(golden.model)
    let rows = try #require(golden.value["rows"]?.array)
    let together = try await withThrowingTaskGroup(of: (Int, Completion).self) { group in
      for (index, row) in rows.enumerated() {
        group.addTask {
          (index, try await Self.run(golden, prompt: row["input_ids"], model))
        }
      }
      return try await group.reduce(into: [Int: Completion]()) { $0[$1.0] = $1.1 }
    }
    for (index, row) in rows.enumerated() {
      let found = try #require(together[index])
      let ended = found.finishReason == .endOfSequence
      let end = try #require(golden.value["eos_id"]?.integer)
      #expect(found.tokenIDs + (ended ? [end] : []) == Golden.ids(row["generated"]))
      let modes = found.trace.map { $0.details["mode"] == "explicit" ? 1 : 0 }
      #expect(modes == Array(Golden.ids(row["mode"]).prefix(modes.count)))
      for (step, entropy) in zip(found.trace, row["entropy"]?.array ?? []) {
        let expected = try #require(entropy.number)
        #expect(abs((step.entropy ?? .infinity) - expected) < 2e-3 * expected)
      }
      let alone = try await Self.run(golden, prompt: row["input_ids"], model)
      #expect(found.trace == alone.trace)
    }
  }

  private static func run(
    _ golden: Case, prompt: JSON?, _ model: ReasoningModel
  ) async throws -> Completion {
    try await golden.pipeline(model, prompt: prompt).run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))
  }
}
