import TacitFault
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// What holds of refiners whatever the weights are.
@Suite struct RefinerTests {
  static let models = ["gpt2", "llama"]

  private static func thoughts(
    _ refine: [ConfiguredPlugin], _ models: ReasoningModels,
    sample: SampleInput = Refinement.sample
  ) async throws -> [[Float]] {
    try await Refinement.run(Refinement.pipeline(refine: refine), models, sample).thoughts
  }

  static func residual(_ alpha: Double, renorm: String = "none") throws -> ConfiguredPlugin {
    try Refinement.plugin(
      "residual_refinement", ["alpha": .number(alpha), "renorm": .string(renorm)])
  }

  static func search(
    _ kappa: Double, _ options: [String: OptionValue] = [:]
  ) throws -> ConfiguredPlugin {
    try Refinement.plugin(
      "contrastive_search", options.merging(["kappa": .number(kappa)]) { $1 })
  }

  static func noise(_ sigma: Double) throws -> ConfiguredPlugin {
    try Refinement.plugin("gaussian_noise", ["sigma": .number(sigma)])
  }

  /// Neutral settings give plain Coconut, bit for bit.
  @Test(arguments: models) func neutralSettings(name: String) async throws {
    let models = try Refinement.models(name)
    let plain = try await Refinement.run(Refinement.pipeline(), models)
    let foreign = try Refinement.plugin(
      "foreign_thoughts", ["question": .string(Refinement.sample.question)])
    let neutral = try [
      [Self.residual(0)], [Self.residual(0, renorm: "match")], [Self.search(0)], [Self.noise(0)],
      [Self.residual(0), Self.search(0), Self.noise(0)],
    ]
    for refine in neutral {
      let found = try await Refinement.run(Refinement.pipeline(refine: refine), models)
      #expect(found.trace == plain.trace)
      #expect(found.tokenIDs == plain.tokenIDs)
    }
    let found = try await Refinement.run(Refinement.pipeline(feedback: foreign), models)
    #expect(found.trace == plain.trace && found.tokenIDs == plain.tokenIDs)
    let equal = try Refinement.models(name, strong: name + "_weak", weak: name + "_weak")
    for (context, gradient) in [
      ("contextual", "detached"), ("isolated", "detached"), ("contextual", "full"),
      ("isolated", "full"),
    ] {
      let options = ["context": OptionValue.string(context), "gradient": .string(gradient)]
      let refine = [try Self.search(0.7, options)]
      let found = try await Refinement.run(Refinement.pipeline(refine: refine), equal)
      #expect(found.trace == plain.trace)
      #expect(found.tokenIDs == plain.tokenIDs)
    }
  }

  @Test(arguments: models) func alphaOfOneRepeatsTheFirstThought(name: String) async throws {
    let models = try Refinement.models(name)
    let plain = try await Self.thoughts([], models)
    let frozen = try await Self.thoughts([Self.residual(1)], models)
    #expect(frozen == [[Float]](repeating: plain[0], count: 4))
    #expect(plain[1] != plain[0])
  }

  @Test func renormKeepsTheNormOfTheNewThought() async throws {
    let models = try Refinement.models("llama")
    let plain = try await Self.thoughts([], models)
    let blended = try await Self.thoughts([Self.residual(0.5)], models)
    let matched = try await Self.thoughts([Self.residual(0.5, renorm: "match")], models)
    #expect(blended[0] == plain[0] && matched[0] == plain[0])
    // The second thought is still made of the same state.
    #expect(euclideanNorm(blended[1]) < euclideanNorm(plain[1]))
    #expect(abs(euclideanNorm(matched[1]) / euclideanNorm(plain[1]) - 1) < 1e-6)
  }

  @Test(arguments: models) func flippingTheSignIsSwappingTheModels(name: String) async throws {
    let models = try Refinement.models(name)
    let swapped = try Refinement.models(name, strong: name + "_weak", weak: name + "_strong")
    for context in ["contextual", "isolated"] {
      let minus = try Self.search(0.3, ["context": .string(context)])
      let plus = try Self.search(0.3, ["context": .string(context), "sign": .string("plus")])
      let roles = try Self.search(
        0.3,
        ["context": .string(context), "strong": .string("weak"), "weak": .string("strong")])
      let found = try await Self.thoughts([plus], models)
      #expect(try await Self.thoughts([minus], swapped) == found)
      #expect(try await Self.thoughts([roles], models) == found)
      #expect(try await Self.thoughts([minus], models) != found)
    }
  }

  @Test func orderIsMeaning() async throws {
    let models = try Refinement.models("gpt2")
    let parts = try [Self.residual(0.3), Self.search(0.3)]
    let forth = try await Self.thoughts(parts, models)
    let back = try await Self.thoughts(parts.reversed(), models)
    #expect(forth[0] == back[0])
    #expect(forth[1] != back[1])
  }

  /// Each model reads the question once and looks at each thought in one pass.
  @Test func searchIsCharged() async throws {
    let models = try Refinement.models("gpt2")
    let plain = try await Refinement.run(Refinement.pipeline(), models).counts
    func cost(_ context: String, gradient: String = "detached") async throws -> Counts {
      let options = ["context": OptionValue.string(context), "gradient": .string(gradient)]
      let refine = [try Self.search(0.1, options)]
      return try await Refinement.run(Refinement.pipeline(refine: refine), models).counts
    }
    let history = try models.main.tokenizer.encode(Refinement.sample.question).count + 1
    let contextual = try await cost("contextual")
    #expect(contextual.forwardPasses == plain.forwardPasses + 2 * 4)
    #expect(contextual.positions == plain.positions + 2 * (history + 4 + 3))
    let isolated = try await cost("isolated")
    #expect(isolated.forwardPasses == plain.forwardPasses + 2 * 4)
    #expect(isolated.positions == plain.positions + 2 * 4)
    #expect(contextual.tokens == plain.tokens && contextual.headRows == plain.headRows)
    // A gradient reads the thought by itself, and goes back as far as it went.
    let full = try await cost("contextual", gradient: "full")
    #expect(full.forwardPasses == plain.forwardPasses + 2 * 2 * 4)
    #expect(full.positions == contextual.positions)
    #expect(full.floatingPointOperations > contextual.floatingPointOperations)
  }

  @Test func noiseHasItsSizeAndItsOwner() async throws {
    let models = try Refinement.models("llama")
    let plain = try await Self.thoughts([], models)
    let once = try await Self.thoughts([Self.noise(0.2)], models)
    let twice = try await Self.thoughts([Self.noise(0.2), Self.noise(0.2)], models)
    #expect(try await Self.thoughts([Self.noise(0.2)], models) == once)
    func noise(_ rows: [[Float]]) -> [Float] { zip(rows[0], plain[0]).map { $0 - $1 } }
    let ratio = euclideanNorm(noise(once)) / euclideanNorm(plain[0])
    // 96 components: five standard errors of the root mean square are 36 %.
    #expect(abs(ratio / 0.2 - 1) < 0.36)
    // A second helping of the same numbers would point the same way.
    let second = zip(noise(twice), noise(once)).map { $0 - $1 }
    let product = zip(second, noise(once)).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    #expect(abs(product) < 0.5 * euclideanNorm(second) * euclideanNorm(noise(once)))
    let renamed = SampleInput(name: "test/2", question: Refinement.sample.question)
    #expect(try await Self.thoughts([Self.noise(0.2)], models, sample: renamed) != once)
  }

  @Test func faultsAreFoundBeforeAnyWork() throws {
    func fault(_ models: ReasoningModels, _ refiner: ConfiguredPlugin) -> Fault? {
      #expect(throws: Fault.self) {
        try Refinement.pipeline(refine: [refiner]).check(models)
      }
    }
    let alone = ReasoningModels(main: try Fixtures.reasoningModel("gpt2"))
    #expect(fault(alone, try Self.search(1))?.expected == "a model for the role 'strong'")
    let wider = try Refinement.models("gpt2", weak: "llama_weak")
    #expect(fault(wider, try Self.search(1))?.found == "96")
    #expect(fault(wider, try Self.search(1))?.position.contains("role 'weak'") == true)
    let neither = try Refinement.plugin("contrastive_search")
    #expect(fault(alone, neither)?.found == "neither")
    #expect(fault(alone, try Self.search(1, ["eta": .number(1)]))?.found == "both")
    let empty = try Refinement.plugin("foreign_thoughts", ["question": .string("")])
    let error = #expect(throws: Fault.self) { try Refinement.pipeline(feedback: empty) }
    #expect(error?.found == "an empty text")
  }
}
