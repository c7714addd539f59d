import Synchronization
import TacitCheckpoint
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTensor
import TacitTesting
import Testing

/// Parallel thoughts against the authors' own program on the same random weights.
@Suite struct PCCoTGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var count: Int { value["num_latent_tokens"]?.integer ?? 0 }
    var iterations: Int { value["num_iterations"]?.integer ?? 0 }
    var boundary: Int { value["question_boundary"]?.integer ?? 0 }
    var inputIDs: [Int] { Golden.ids(value["input_ids"]) }
    var tokens: [Int] { Golden.ids(value["generated"]) }
    var testDescription: String { "\(model) \(key) N=\(count) T=\(iterations)" }

    /// The end marker and the words that make the model answer.
    var answerIDs: [Int] { Array(inputIDs.dropFirst(boundary + count)) }

    func options() throws -> [String: OptionValue] {
      var options: [String: OptionValue] = [
        "latent_steps": .integer(count), "iterations": .integer(iterations),
      ]
      if value["use_projection"]?.boolean == true {
        options["projection"] = .module(
          try ModuleFile(path: Fixtures.folder + "/pccot/\(model).safetensors"))
      }
      return options
    }
  }

  static let cases: [Case] = ["gpt2", "llama"].flatMap { model in
    let golden = try? Fixtures.json("pccot/\(model).json")
    return (golden?["cases"]?.array ?? []).map { Case(model: model, value: $0) }
  }

  @Test func allCasesAreThere() { #expect(Self.cases.count == 16) }

  @Test(arguments: cases) func iterationsAndTokens(_ golden: Case) async throws {
    let arrays = try Golden("pccot/" + golden.model)
    let model = try Fixtures.reasoningModel(golden.model)
    let words = golden.answerIDs.dropFirst()
    let found = Mutex<[[Float]]>([])
    let answer = TestStage { state in
      for id in words + golden.tokens {
        let logits = try await state.logits()
        found.withLock { $0.append(logits) }
        try state.emit(id)
      }
    }
    let pipeline = try Pipeline(
      "pccot",
      [
        Refinement.prompt(golden.inputIDs.prefix(golden.boundary - 1)),
        StageDraft("pccot", golden.options()),
      ], then: answer)
    try pipeline.check(ReasoningModels(main: model))
    let completion = try await Refinement.run(pipeline, ReasoningModels(main: model))

    let logits = found.withLock { $0 }
    #expect(logits.dropFirst(words.count).map { $0.argmax() } == golden.tokens)
    let expected = try arrays.rows(golden.key + ".answer_prompt_logits")
    #expect(relativeDifference(Array(logits.prefix(expected.count)), expected) < 1e-4)

    #expect(completion.thoughts.count == golden.count * (golden.iterations + 1))
    #expect(completion.counts.latentSteps == completion.thoughts.count)
    for iteration in 0..<golden.iterations {
      try await check(iteration, of: golden, completion, arrays, model)
    }
  }

  /// The rows that an iteration reads, and their states behind the question.
  private func check(
    _ iteration: Int, of golden: Case, _ completion: Completion, _ arrays: Golden,
    _ model: ReasoningModel
  ) async throws {
    let inputs = completion.thoughts.dropFirst(golden.count * (iteration + 1))
      .prefix(golden.count)
    let name = "\(golden.key).iter\(iteration)"
    #expect(relativeDifference(Array(inputs), try arrays.rows(name + ".inputs")) < 1e-4)
    let rows =
      golden.inputIDs.prefix(golden.boundary).map { InputRow.token($0) }
      + inputs.map { .vector($0) }
    let stage = TestStage { state in
      let readout = try await state.read(
        rows, want: [.states(.finalNorm, .suffix(golden.count))])
      let states = try #require(readout[.finalNorm])
      let expected = try arrays.rows(name + ".hidden")
      #expect(relativeDifference((0..<states.rows).map { states[$0] }, expected) < 1e-4)
    }
    _ = try await Refinement.run(
      Pipeline("states", [], then: stage), ReasoningModels(main: model))
  }

  /// The authors' batches let iterations see padding on the left; ours are each row by itself.
  @Test(arguments: ["gpt2", "llama"]) func batchesAreTheirRows(name: String) async throws {
    let golden = try Golden("pccot/" + name).cases
    let model = try Fixtures.reasoningModel(name)
    let start = try #require(golden["bot_id"]?.integer)
    for batch in golden["batches"]?.array ?? [] {
      let options = try Case(model: name, value: batch).options()
      let ids = (batch["input_ids"]?.array ?? []).map(Golden.ids)
      let masks = (batch["attention_mask"]?.array ?? []).map(Golden.ids)
      let found = try await withThrowingTaskGroup(of: (Int, [Int]).self) { group in
        for (number, (ids, mask)) in zip(ids, masks).enumerated() {
          let question = zip(ids, mask).filter { $0.1 == 1 }.map(\.0).prefix { $0 != start }
          let words = ids.reversed().prefix { $0 != start }.reversed()
            .drop { $0 == golden["latent_id"]?.integer }.dropFirst()
          group.addTask {
            let pipeline = try Pipeline(
              "row",
              [
                Refinement.prompt(question), StageDraft("pccot", options),
                Refinement.prompt(words),
                StageDraft(
                  "generate", ["max_new_tokens": .integer(12), "skip_first_eos": .boolean(true)]),
              ])
            let completion = try await Refinement.run(pipeline, ReasoningModels(main: model))
            return (number, completion.tokenIDs)
          }
        }
        return try await group.reduce(into: [Int: [Int]]()) { $0[$1.0] = $1.1 }
      }
      for (number, row) in (batch["rows"]?.array ?? []).enumerated() {
        #expect(found[number] == Golden.ids(row["generated_single"]))
      }
    }
  }
}
