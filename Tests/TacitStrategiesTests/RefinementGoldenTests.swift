import Synchronization
import TacitJSON
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// Blend and search against an independent Float64 program on the same random weights.
@Suite struct RefinementGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var promptIDs: [Int] { Golden.ids(value["prompt_ids"]) }
    var testDescription: String { "\(model) \(key)" }
  }

  static func cases(_ kind: String) -> [Case] {
    ["gpt2", "llama"].flatMap { model in
      let golden = try? Fixtures.json("refinement/\(model).json")
      return (golden?[kind]?.array ?? []).map { Case(model: model, value: $0) }
    }
  }

  static let units = cases("units")
  static let trajectories = cases("trajectories")

  @Test func allCasesAreThere() {
    #expect(Self.units.count == 8)
    #expect(Self.trajectories.count == 48)
  }

  static func search(_ value: JSON, context: String?) throws -> ConfiguredPlugin {
    let sign = value["sign"]?.string == "plus_literal" ? "plus" : "minus"
    return try Refinement.plugin(
      "contrastive_search",
      [
        "eta": .number(try #require(value["eta"]?.number)), "sign": .string(sign),
        "gradient": .string(try #require(value["gradient"]?.string)),
        "context": .string(try #require(context)),
      ])
  }

  static func residual(_ value: JSON) throws -> ConfiguredPlugin {
    try Refinement.plugin(
      "residual_refinement",
      [
        "alpha": .number(try #require(value["alpha"]?.number)),
        "form": .string(try #require(value["form"]?.string)),
      ])
  }

  /// One thought: the state after the prompt, which ends with the start marker, moved by the step.
  @Test(arguments: units) func step(_ golden: Case) async throws {
    let arrays = try Golden("refinement/" + golden.model)
    let models = try Refinement.models(golden.model)
    let state = try arrays.rows(golden.key + ".h")
    let variants = try #require(golden.value["variants"]?.array)
    #expect(variants.count == 12)
    for variant in variants {
      let refiner = try Self.search(variant, context: golden.value["context"]?.string)
      let pipeline = try Refinement.pipeline(
        Refinement.prompt(golden.promptIDs), stage: "think", steps: 1, refine: [refiner],
        tokens: 0)
      try pipeline.check(models)
      let thoughts = try await Refinement.run(pipeline, models).thoughts
      let expected = try arrays.rows(try #require(variant["tensor"]?.string))
      #expect(relativeDifference(thoughts, expected) < 1e-4)
      #expect(relativeDifference(thoughts, state) > 1e-4)
    }
  }

  @Test(arguments: ["gpt2", "llama"]) func blend(model: String) async throws {
    let arrays = try Golden("refinement/" + model)
    let models = try Refinement.models(model)
    let (current, previous) = try (arrays.rows("rer.current")[0], arrays.rows("rer.previous")[0])
    let variants = try #require(arrays.cases["rer_units"]?.array)
    #expect(variants.count == 12)
    for variant in variants {
      let refiner = try PluginRegistry.builtIn().makeRefiner(Self.residual(variant))
      let found = Mutex<[Float]>([])
      let stage = TestStage { state in
        let span = LatentSpan(feedback: try Self.hiddenState(), refiners: [refiner])
        var thoughts = try await state.thoughts(span)
        let thought = try await state.thought(step: 1, previousRow: previous, needsLogits: false)
        let row = try await thoughts.refine(current, thought)
        found.withLock { $0 = row }
      }
      let pipeline = try Pipeline("blend", [Refinement.prompt([1, 2])], then: stage)
      _ = try await Refinement.run(pipeline, models)
      let expected = try arrays.rows(try #require(variant["tensor"]?.string))
      #expect(relativeDifference([found.withLock { $0 }], expected) < 1e-6)
    }
  }

  static func hiddenState() throws -> any Feedback {
    try PluginRegistry.builtIn().makeFeedback(Refinement.plugin("hidden_state"))
  }

  /// The refiners of a trajectory in its order.
  static func refiners(_ golden: Case) throws -> [ConfiguredPlugin] {
    var refiners: [ConfiguredPlugin] = []
    if let value = golden.value["rer"], value["alpha"] != nil {
      refiners.append(try residual(value))
    }
    if let value = golden.value["crfs"], value["eta"] != nil {
      refiners.append(try search(value, context: value["context"]?.string))
    }
    return golden.value["order"]?.string == "crfs_then_rer" ? refiners.reversed() : refiners
  }

  /// Fed rows, the states they were made of, the logits after the end marker, and the tokens.
  @Test(arguments: trajectories) func trajectory(_ golden: Case) async throws {
    let arrays = try Golden("refinement/" + golden.model)
    let models = try Refinement.models(golden.model)
    let refiners = try Self.refiners(golden)
    let steps = try #require(golden.value["k"]?.integer)
    let tokens = Golden.ids(golden.value["tokens_no_eos_stop"])
    let pipeline = try Refinement.pipeline(
      Refinement.prompt(golden.promptIDs.dropLast()), steps: steps, refine: refiners,
      tokens: tokens.count)
    try pipeline.check(models)
    let completion = try await Refinement.run(pipeline, models)
    #expect(completion.tokenIDs == tokens)
    let fed = try arrays.rows(golden.key + ".fed")
    #expect(relativeDifference(completion.thoughts, fed) < 1e-4)

    let probe = try await Self.probe(golden, refiners, steps: steps, models)
    #expect(relativeDifference(probe.raw, try arrays.rows(golden.key + ".raw")) < 1e-4)
    let logits = try arrays.rows(golden.key + ".next_logits")
    #expect(relativeDifference([probe.logits], logits) < 1e-4)
  }

  struct Probe: Sendable {
    var raw: [[Float]] = []
    var logits: [Float] = []
  }

  /// The same trajectory, driven step by step to see what no trace shows.
  static func probe(
    _ golden: Case, _ plugins: [ConfiguredPlugin], steps: Int, _ models: ReasoningModels
  ) async throws -> Probe {
    let refiners = try plugins.map { try PluginRegistry.builtIn().makeRefiner($0) }
    let end = try #require(golden.value["end_latent_id"]?.integer)
    let result = Mutex(Probe())
    let stage = TestStage { state in
      var thoughts = try await state.thoughts(
        LatentSpan(feedback: try hiddenState(), refiners: refiners))
      for step in 0..<steps {
        let thought = try await state.thought(
          step: step, previousRow: thoughts.previousRow, needsLogits: false)
        result.withLock { $0.raw.append(thought.hidden) }
        state.feed(thought: try await thoughts.refine(thought.hidden, thought))
      }
      state.mark(end)
      let logits = try await state.logits()
      result.withLock { $0.logits = logits }
    }
    let pipeline = try Pipeline("probe", [Refinement.prompt(golden.promptIDs)], then: stage)
    _ = try await Refinement.run(pipeline, models)
    return result.withLock { $0 }
  }
}
