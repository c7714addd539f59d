import TacitModel

/// Stages in order: what a recipe describes.
public struct Pipeline: Sendable {
  /// Name, unique within a comparison.
  public let name: String
  /// Model to use unless the caller says otherwise.
  public let model: String?
  /// Names of other models by role.
  public let otherModels: [String: String]
  /// What one sample may cost.
  public let budget: Budget
  /// The stages.
  public let stages: [PipelineStage]

  /// Composes stages.
  public init(
    name: String, model: String? = nil, otherModels: [String: String] = [:],
    budget: Budget = Budget(), stages: [PipelineStage]
  ) {
    self.name = name
    self.model = model
    self.otherModels = otherModels
    self.budget = budget
    self.stages = stages
  }

  /// Finds what does not fit the models, before any sample runs.
  /// - Throws: ``ReasoningError`` of the first stage that the models cannot serve.
  public func check(_ models: ReasoningModels) throws {
    for stage in stages {
      do {
        try (stage.body as? any Stage)?.check(models)
      } catch var error as ReasoningError {
        if let location = stage.location { error.location = "\(location): \(error.location)" }
        throw error
      }
    }
  }

  /// Runs the stages on one sample.
  ///
  /// A used-up budget is no error: the completion says so and holds what there is.
  /// - Throws: what a stage throws; `CancellationError`.
  public func run(
    _ sample: SampleInput, models: ReasoningModels, options: RunOptions = RunOptions()
  ) async throws -> Completion {
    let runtime = SampleRuntime(models: models, sample: sample, options: options, budget: budget)
    var state = ReasoningState(runtime)
    let seconds = try await models.main.engine.scheduler.withSequence {
      do {
        for (index, stage) in stages.enumerated() where !state.isFinished {
          state.stageName = stage.name
          state.stageIndex = index
          try await stage.body.run(&state, in: StageContext(index: index, count: stages.count))
        }
      } catch is BudgetExhausted {
        state.finishReason = .budget
      }
      try state.endText()
      return (ContinuousClock.now - runtime.start) / .seconds(1)
    }
    return Completion(
      promptTokenIDs: state.promptTokenIDs, tokenIDs: state.tokenIDs, text: state.text,
      finishReason: state.finishReason ?? .done, counts: runtime.ledger.counts, seconds: seconds,
      secondsToFirstToken: runtime.durationToFirstToken.map { $0 / .seconds(1) } ?? seconds,
      trace: runtime.trace)
  }
}
