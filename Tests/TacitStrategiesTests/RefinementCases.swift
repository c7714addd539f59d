import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTesting

/// What the tests of refiners share.
enum Refinement {
  /// A tiny model with a strong and a weak one of its family, on one scheduler.
  static func models(
    _ name: String, strong: String? = nil, weak: String? = nil
  ) throws -> ReasoningModels {
    let scheduler = Scheduler()
    func load(_ name: String) throws -> ReasoningModel {
      try Fixtures.reasoningModel(name, scheduler: scheduler)
    }
    return ReasoningModels(
      main: try load(name),
      others: [
        "strong": try load(strong ?? name + "_strong"), "weak": try load(weak ?? name + "_weak"),
      ])
  }

  /// A refiner or feedback of the registry as the value of an option.
  static func plugin(
    _ name: String, _ options: [String: OptionValue] = [:]
  ) throws -> ConfiguredPlugin {
    guard let manifest = try PluginRegistry.builtIn().manifest(named: name) else {
      throw Fault("test", expected: "a plugin", found: name)
    }
    return ConfiguredPlugin(manifest: manifest, options: options)
  }

  /// Question, k thoughts with refiners, some tokens.
  static func pipeline(
    _ prompt: StageDraft = StageDraft("prompt"), stage: String = "coconut", steps: Int = 4,
    feedback: ConfiguredPlugin? = nil, refine: [ConfiguredPlugin] = [], tokens: Int = 8,
    budget: Budget = Budget()
  ) throws -> Pipeline {
    var options: [String: OptionValue] = [
      "latent_steps": .integer(steps), "refine": .plugins(refine),
    ]
    if let feedback { options["feedback"] = .plugin(feedback) }
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(tokens), "ignore_eos": .boolean(true),
    ]
    return try Pipeline(
      stage, [prompt, StageDraft(stage, options), StageDraft("generate", decode)], budget: budget)
  }

  /// A prompt of these ids.
  static func prompt(_ ids: some Sequence<Int>) -> StageDraft {
    StageDraft("prompt", ["token_ids": .list(ids.map { .integer($0) })])
  }

  static let sample = SampleInput(name: "test/1", question: "the cat sat on a mat")

  /// A run with everything that was fed.
  static func run(
    _ pipeline: Pipeline, _ models: ReasoningModels, _ sample: SampleInput = sample
  ) async throws -> Completion {
    try await pipeline.run(
      sample, models: models, options: RunOptions(seed: 3, trace: .vectors))
  }
}

extension Completion {
  /// The thoughts as they were fed.
  var thoughts: [[Float]] { trace.filter { $0.kind == .latent }.compactMap(\.vector) }
}
