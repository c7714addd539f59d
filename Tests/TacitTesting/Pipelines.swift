import TacitFault
import TacitModel
import TacitReasoning
import TacitStrategies

/// A stage by name with some of its options.
public struct StageDraft: Sendable {
  let name: String
  let options: [String: OptionValue]

  /// Names a stage of the registry.
  public init(_ name: String, _ options: [String: OptionValue] = [:]) {
    self.name = name
    self.options = options
  }

  /// The stage of the registry.
  /// - Throws: `Fault` when there is none, or options do not fit.
  public func stage() throws -> PipelineStage {
    let registry = try PluginRegistry.builtIn()
    guard let manifest = registry.manifest(named: name) else {
      throw Fault("test", expected: "a stage", found: name)
    }
    return try PipelineStage(
      ConfiguredPlugin(manifest: manifest, options: options), registry: registry)
  }
}

extension Pipeline {
  /// A pipeline of stages of the registry and, after them, of a body of the test's own.
  public init(
    _ name: String, _ drafts: [StageDraft], then body: (any StageBody)? = nil,
    budget: Budget = Budget()
  ) throws {
    var stages = try drafts.map { try $0.stage() }
    if let body {
      stages.append(
        PipelineStage(name: "test", requires: [], provides: [], location: nil, body: body))
    }
    self.init(name: name, budget: budget, stages: stages)
  }
}

/// A stage that a test writes in place.
public struct TestStage: StageBody {
  private let body: @Sendable (inout ReasoningState) async throws -> Void

  /// Wraps a body.
  public init(_ body: @escaping @Sendable (inout ReasoningState) async throws -> Void) {
    self.body = body
  }

  /// Runs the body.
  public func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    try await body(&state)
  }
}

extension Fixtures {
  /// A tiny model, ready to reason.
  public static func reasoningModel(
    _ name: String, scheduler: Scheduler = Scheduler()
  ) throws -> ReasoningModel {
    try ReasoningModel(.init(name: name, folder: model(name)), scheduler: scheduler)
  }
}

extension Pipeline {
  /// Runs a pipeline that needs one model only.
  public func run(
    _ sample: SampleInput, model: ReasoningModel, options: RunOptions = RunOptions()
  ) async throws -> Completion {
    try await run(sample, models: ReasoningModels(main: model), options: options)
  }
}
