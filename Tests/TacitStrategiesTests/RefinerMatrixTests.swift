import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// Every feedback and every refiner inside every stage that takes them.
@Suite(.serialized) struct RefinerMatrixTests {
  static let registry = (try? PluginRegistry.builtIn()) ?? .empty
  static let stages = registry.manifests(of: .stage).filter {
    $0.options.contains { $0.kind == .refiners }
  }
  static let feedbacks = registry.manifests(of: .feedback)
  static let refiners = registry.manifests(of: .refiner)

  struct Cell: Sendable, CustomTestStringConvertible {
    let stage: PluginManifest
    let feedback: PluginManifest
    let refiner: PluginManifest
    var testDescription: String { "\(stage.name) \(feedback.name) \(refiner.name)" }

    func pipeline(_ budget: Budget = Budget()) throws -> Pipeline {
      var options = try ConformanceTests.options(of: stage, tokens: 8)
      for option in stage.options {
        switch option.kind {
        case .feedback:
          options[option.name] = .plugin(
            ConfiguredPlugin(manifest: feedback, options: feedback.example))
        case .refiners:
          options[option.name] = .plugins([
            ConfiguredPlugin(manifest: refiner, options: refiner.example)
          ])
        default: break
        }
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
    #expect(Self.feedbacks.count >= 4 && Self.refiners.count >= 3)
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
