import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// Every feedback and every refiner inside every stage that takes them.
@Suite(.serialized) struct RefinerMatrixTests {
  /// What a plugin cannot do without.
  static let settings: [String: [String: OptionValue]] = [
    "contrastive_search": ["kappa": .number(0.3)],
    "foreign_thoughts": ["question": .string("some mat sat on the cat")],
    "shuffled_thoughts": ["count": .integer(8)],
    "latent_agent": ["format": .string("plain")],
    "swi_reasoning": ["max_new_tokens": .integer(8), "ignore_eos": .boolean(true)],
  ]

  static let stages = PluginRegistry.builtIn.stages.map { $0.manifest }.filter {
    $0.options.contains(.refine)
  }
  static let feedbacks = PluginRegistry.builtIn.feedbacks.map { $0.manifest.name }
  static let refiners = PluginRegistry.builtIn.refiners.map { $0.manifest.name }

  struct Cell: Sendable, CustomTestStringConvertible {
    let stage: StageManifest
    let feedback: String
    let refiner: String
    var testDescription: String { "\(stage.name) \(feedback) \(refiner)" }

    func pipeline(_ budget: Budget = Budget()) throws -> Pipeline {
      let refiner = try Refinement.plugin(refiner, settings[refiner] ?? [:])
      var options = settings[stage.name] ?? [:]
      options["refine"] = .plugins([refiner])
      if stage.options.contains(where: { $0.name == "feedback" }) {
        options["feedback"] = .plugin(
          try Refinement.plugin(feedback, settings[feedback] ?? [:]))
      }
      if stage.options.contains(where: { $0.name == "latent_steps" }) {
        options["latent_steps"] = .integer(3)
      }
      let decode: [String: OptionValue] = [
        "max_new_tokens": .integer(4), "ignore_eos": .boolean(true),
      ]
      return try Pipeline(
        testDescription,
        [StageDraft("prompt"), StageDraft(stage.name, options), StageDraft("generate", decode)],
        budget: budget)
    }
  }

  static let cells = stages.flatMap { stage in
    feedbacks.flatMap { feedback in
      refiners.map { Cell(stage: stage, feedback: feedback, refiner: $0) }
    }
  }

  @Test func theMatrixIsNotEmpty() {
    #expect(
      Set(Self.stages.map(\.name)).isSuperset(of: [
        "coconut", "think", "latent_agent", "swi_reasoning",
      ]))
    #expect(Self.feedbacks.count >= 4 && Self.refiners.count >= 4)
  }

  /// Alone and together with all others the same bytes; budgets hold also for second models.
  @Test(arguments: ["gpt2", "llama"]) func aloneAndAmongOthers(name: String) async throws {
    let models = try Refinement.models(name)
    var alone: [ConformanceTests.Outcome] = []
    for (index, cell) in Self.cells.enumerated() {
      let pipeline = try cell.pipeline()
      try pipeline.check(models)
      let outcome = try await Self.run(pipeline, index, models)
      #expect(outcome.trace.contains { $0.kind == .latent }, "\(cell.testDescription)")
      #expect(outcome.trace.allSatisfy { $0.norm?.isFinite ?? true }, "\(cell.testDescription)")
      alone.append(outcome)
    }
    let together = try await withThrowingTaskGroup(
      of: (Int, ConformanceTests.Outcome).self
    ) { group in
      for (index, cell) in Self.cells.enumerated() {
        group.addTask { (index, try await Self.run(try cell.pipeline(), index, models)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (index, cell) in Self.cells.enumerated() {
      #expect(together[index] == alone[index], "\(cell.testDescription)")
      for eighth in 1...8 {
        let limit = (alone[index].counts.positions - 1) * eighth / 8
        let bounded = try await Self.run(
          try cell.pipeline(Budget(positions: limit)), index, models)
        #expect(bounded.counts.positions <= limit && bounded.reason == .budget)
      }
    }
  }

  private static func run(
    _ pipeline: Pipeline, _ index: Int, _ models: ReasoningModels
  ) async throws -> ConformanceTests.Outcome {
    ConformanceTests.Outcome(
      try await pipeline.run(
        ConformanceTests.sample(index), models: models,
        options: RunOptions(seed: 5, trace: .vectors)))
  }
}
