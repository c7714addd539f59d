import TacitJSON
import TacitReasoning
import TacitStrategies
import TacitTensor
import TacitTesting
import Testing

/// What a trace says about thoughts, and that watching costs nothing.
@Suite struct TraceTests {
  /// Entropy is that of the distribution at which a thought is made, whatever is fed then.
  @Test(arguments: ["hidden_state", "soft_embedding", "realign", "zero"])
  func entropyOfEveryThought(feedback: String) async throws {
    let model = try Fixtures.reasoningModel("llama")
    let models = ReasoningModels(main: model)
    let pipeline = try Refinement.pipeline(
      stage: "think", steps: 3, feedback: Refinement.plugin(feedback), tokens: 1)
    let traced = try await Refinement.run(pipeline, models)
    let found = traced.trace.filter { $0.kind == .latent }
    #expect(found.count == 3)
    for (index, thought) in found.enumerated() {
      // Without thoughts the first token is drawn where the thought is made.
      let rows = found.prefix(index).compactMap(\.vector)
      let feed = TestStage { state in
        for row in rows { state.feed(thought: row) }
        let entropy = try await state.logits().entropy()
        try state.emit(0, entropy: Double(entropy))
      }
      let expected = try await Refinement.run(
        Pipeline("x", [StageDraft("prompt")], then: feed), models
      ).trace.last?.entropy
      #expect(try abs(#require(thought.entropy) - #require(expected)) < 1e-5)
    }
    let silent = try await pipeline.run(
      Refinement.sample, models: models, options: RunOptions(seed: 3))
    #expect(silent.counts == traced.counts && silent.tokenIDs == traced.tokenIDs)
  }

  /// Norms are relative to the mean norm of embeddings; above ten times that there is a warning.
  @Test(arguments: [(1.0, false), (9.9, false), (10.1, true)])
  func normsAndNearestTokens(ratio: Double, warns: Bool) async throws {
    let model = try Fixtures.reasoningModel("llama")
    let (token, text) = (5, try #require(model.tokenizer.token(5)))
    let embedding = model.embedding(of: token)
    let scale = Float(ratio * model.meanEmbeddingNorm / euclideanNorm(embedding))
    let feed = TestStage { state in
      state.feed(thought: embedding.map { $0 * scale })
      state.mark(token)
    }
    let trace = try await Refinement.run(
      Pipeline("x", [StageDraft("prompt")], then: feed), ReasoningModels(main: model)
    ).trace
    let details = trace[0].details
    #expect(abs(try #require(details["relative_norm"]?.number) - ratio) < 1e-5)
    #expect((details["warning"] != nil) == warns)
    #expect(details["nearest"]?.array?.count == 3)
    #expect(details["nearest"]?.array?.map(\.string) == model.nearestTokens(to: embedding))
    #expect(details["memory"]?.integer ?? 0 > 0 && trace[0].entropy == nil)
    #expect(trace[1].details["token"] == .string(text))
  }
}
