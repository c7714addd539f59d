import Synchronization
import TacitJSON
import TacitModel
import TacitTensor
import TacitTesting
import Testing

@testable import TacitReasoning

/// Coconut against the authors' own program on the same random weights.
@Suite struct CoconutGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var steps: Int { value["k"]?.integer ?? 0 }
    var inputIDs: [Int] { Golden.ids(value["input_ids"]) }
    var testDescription: String { "\(model) \(key) k=\(steps)" }
  }

  static let cases: [Case] = ["gpt2", "llama"].flatMap { model in
    let golden = try? Fixtures.json("coconut/\(model).json")
    return (golden?["cases"]?.array ?? []).map { Case(model: model, value: $0) }
  }

  @Test func allCasesAreThere() { #expect(Self.cases.count == 40) }

  @Test(arguments: cases) func thoughtsAndTokens(_ golden: Case) async throws {
    let arrays = try Golden("coconut/" + golden.model)
    let model = try Fixtures.reasoningModel(golden.model)
    let start = try #require(arrays.cases["start_latent_id"]?.integer)
    let question = Array(try #require(golden.inputIDs.split(separator: start).first))
    let stages = [
      StageDraft("prompt", ["token_ids": .list(question.map { .integer($0) })]),
      StageDraft("coconut", ["latent_steps": .integer(golden.steps)]),
    ]
    let limit = try #require(golden.value["max_new_tokens"]?.integer)
    let end = try #require(golden.value["eos_id"]?.integer)
    let generate = StageDraft(
      "generate",
      [
        "max_new_tokens": .integer(limit), "eos_token_ids": .list([.integer(end)]),
        "skip_first_eos": .boolean(true),
      ])
    let pipeline = try Pipeline("coconut", stages + [generate])
    try pipeline.check(ReasoningModels(main: model))
    let completion = try await pipeline.run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))

    #expect(completion.tokenIDs == Golden.ids(golden.value["generated"]))
    #expect(completion.counts.latentSteps == golden.steps)
    let thoughts = completion.trace.filter { $0.kind == .latent }.compactMap(\.vector)
    if golden.steps > 0 {
      let expected = try arrays.rows(golden.key + ".thoughts")
      #expect(relativeDifference(thoughts, expected) < 1e-4)
    }
    let ended = completion.finishReason == .endOfSequence
    let sampled = completion.tokenIDs.count + (ended ? 1 : 0)
    #expect(completion.counts.forwardPasses == sampled + golden.steps)
    let expectedReason: Completion.FinishReason =
      golden.value["kind"]?.string == "eos_mid" ? .endOfSequence : .length
    #expect(completion.finishReason == expectedReason)
    try await checkLogits(golden, stages, arrays, model)
  }

  /// The logits after the end marker, and those of every row read at once from the thoughts.
  private func checkLogits(
    _ golden: Case, _ stages: [StageDraft], _ arrays: Golden, _ model: ReasoningModel
  ) async throws {
    let logits = Mutex<[Float]>([])
    let probe = TestStage { state in
      let found = try await state.logits()
      logits.withLock { $0 = found }
    }
    let completion = try await Pipeline("probe", stages, then: probe).run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))
    let found = logits.withLock { $0 }
    let next = try arrays.rows(golden.key + ".next_logits")
    #expect(relativeDifference([found], next) < 1e-4)

    // The authors' loop reads the whole sequence again for each token; ours caches.
    var thoughts = completion.trace.filter { $0.kind == .latent }.compactMap(\.vector)[...]
    let latent = try #require(arrays.cases["latent_id"]?.integer)
    let rows = golden.inputIDs.map { id in
      id == latent ? InputRow.vector(thoughts.popFirst() ?? []) : .token(id)
    }
    var sequence = model.network.makeSequence()
    let whole = try await sequence.read(rows, want: [.logits(.all)])
    #expect(whole.logits?[rows.count - 1] == found)
    if let expected = try? arrays.rows(golden.key + ".logits_all") {
      let all = rows.indices.map { whole.logits?[$0] ?? [] }
      #expect(relativeDifference(all, expected) < 1e-4)
    }
  }
}
