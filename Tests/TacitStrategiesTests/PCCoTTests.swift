import Foundation
import TacitCheckpoint
import TacitFault
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// What parallel thoughts promise beyond the authors' numbers.
@Suite struct PCCoTTests {
  private static func run(
    _ stage: String, _ options: [String: OptionValue], model: String, steps: Int = 5
  ) async throws -> Completion {
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(8), "ignore_eos": .boolean(true),
    ]
    let options = options.merging(["latent_steps": .integer(steps)]) { $1 }
    let pipeline = try Pipeline(
      stage, [StageDraft("prompt"), StageDraft(stage, options), StageDraft("generate", decode)])
    let models = ReasoningModels(main: try Fixtures.reasoningModel(model))
    try pipeline.check(models)
    return try await Refinement.run(pipeline, models)
  }

  @Test(arguments: ["gpt2", "llama", "qwen3_bf16"], [0, 5])
  func withoutIterationsItIsPause(model: String, steps: Int) async throws {
    let pause = try await Self.run("pause", [:], model: model, steps: steps)
    let found = try await Self.run(
      "pccot", ["iterations": .integer(0)], model: model, steps: steps)
    #expect(found.thoughts == pause.thoughts && found.tokenIDs == pause.tokenIDs)
    #expect(found.counts == pause.counts)
  }

  /// After t iterations the first t thoughts are those of Coconut; after N all of them are, and
  /// more iterations change no bit.
  @Test(arguments: ["gpt2", "llama", "qwen3_bf16"])
  func becomesSequential(model: String) async throws {
    let coconut = try await Self.run("coconut", [:], model: model)
    for iterations in [1, 2, 4, 5, 7] {
      let found = try await Self.run(
        "pccot", ["iterations": .integer(iterations)], model: model)
      let thoughts = Array(found.thoughts.suffix(5))
      let settled = min(iterations, 5)
      #expect(thoughts.prefix(settled) == coconut.thoughts.prefix(settled))
      #expect((thoughts == coconut.thoughts) == (settled == 5))
      #expect(found.counts.forwardPasses == iterations + 8)
      let changes = found.trace.compactMap { $0.details["change"]?.number }
      #expect(changes.count == iterations)
      #expect(changes.enumerated().allSatisfy { ($0.element == 0) == ($0.offset >= 5) })
      if settled == 5 { #expect(found.tokenIDs == coconut.tokenIDs) }
    }
  }

  /// Rows that wait under another plan do not shift what the first pass makes its rows of.
  @Test func rowsOfAnotherPlanMayWait() async throws {
    let models = ReasoningModels(main: try Fixtures.reasoningModel("gpt2"))
    func thoughts(readBefore: Bool) async throws -> [[Float]] {
      let read = TestStage { state in
        if readBefore { _ = try await state.hidden() }
        try await PluginRegistry.builtIn().makeStage(Refinement.plugin("pccot")).run(
          &state, in: StageContext(index: 0, count: 1))
      }
      return try await Refinement.run(
        Pipeline(
          "x",
          [StageDraft("prompt"), StageDraft("dropout_thoughts", ["latent_steps": .integer(2)])],
          then: read), models
      ).thoughts
    }
    #expect(try await thoughts(readBefore: false) == thoughts(readBefore: true))
  }

  @Test func faultyProjectionsAndMarkersAreRefused() async throws {
    let other = OptionValue.module(
      try ModuleFile(path: Fixtures.folder + "/pccot/llama.safetensors"))
    let error = await #expect(throws: Fault.self) {
      try await Self.run("pccot", ["projection": other], model: "gpt2")
    }
    #expect(error?.place.hasSuffix(": tensor 'prj.0.weight'") == true)
    let marker = await #expect(throws: Fault.self) {
      try await Self.run("pccot", ["latent_token": .string("<pcot.latent>")], model: "gpt2")
    }
    #expect(marker?.expected == "a token '<pcot.latent>'")
  }

  @Test func markersMayHaveOtherNames() async throws {
    let own = try await Self.run("pccot", [:], model: "gpt2")
    let model = try Fixtures.reasoningModel("gpt2")
    let markers = try model.latentMarkers()
    let named = try await Self.run(
      "pccot",
      [
        "start_token": .string(try #require(model.tokenizer.token(markers.start))),
        "latent_token": .string(try #require(model.tokenizer.token(markers.latent))),
        "end_token": .string(try #require(model.tokenizer.token(markers.end))),
      ], model: "gpt2")
    #expect(named.trace.map(\.vector) == own.trace.map(\.vector))
    #expect(named.tokenIDs == own.tokenIDs)
    let other = try await Self.run("pccot", ["latent_token": .string("a")], model: "gpt2")
    #expect(other.thoughts.first == model.embedding(of: try #require(model.tokenizer.tokenID("a"))))
  }
}
