import TacitFault
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
  /// - Throws: ``Fault`` of the first stage that the models cannot serve.
  public func check(_ models: ReasoningModels) throws { try stages.check(models) }

  /// Runs the stages on one sample.
  ///
  /// A used-up budget is no error: the completion says so and holds what there is.
  /// - Throws: what a stage throws; `CancellationError`.
  public func run(
    _ sample: SampleInput, models: ReasoningModels, options: RunOptions = RunOptions()
  ) async throws -> Completion {
    let runtime = SampleRuntime(models: models, sample: sample, options: options, budget: budget)
    var state = ReasoningState(runtime)
    do {
      try await state.run(stages)
    } catch is BudgetExhausted {
      state.finishReason = .budget
    }
    let seconds = state.elapsed / .seconds(1)
    try state.endText()
    return Completion(
      promptTokenIDs: state.promptTokenIDs, tokenIDs: state.tokenIDs, text: state.text,
      finishReason: state.finishReason ?? .done, counts: runtime.counts, seconds: seconds,
      secondsToFirstToken: runtime.durationToFirstToken.map { $0 / .seconds(1) } ?? seconds,
      trace: runtime.trace, isOracle: runtime.isOracle)
  }
}

extension ReasoningState {
  /// Runs stages in order until one ends the pipeline.
  ///
  /// Stages in a row are one sequence of the scheduler. One that waits for branches is none, because
  /// batches would wait for it.
  mutating func run(_ stages: [PipelineStage]) async throws {
    var rest = Array(stages.enumerated())[...]
    while !isFinished, let (index, stage) = rest.first {
      if stage.body.waitsForBranches {
        rest.removeFirst()
        try await run(stage, StageContext(index: index, count: stages.count))
        continue
      }
      try await model.network.scheduler.withSequence {
        while !isFinished, let (index, stage) = rest.first, !stage.body.waitsForBranches {
          rest.removeFirst()
          try await run(stage, StageContext(index: index, count: stages.count))
        }
      }
    }
  }

  private mutating func run(_ stage: PipelineStage, _ context: StageContext) async throws {
    stageName = stage.name
    stageIndex = context.index
    defer { elapsed = ContinuousClock.now - runtime.start }
    do {
      try await stage.body.run(&self, in: context)
    } catch let fault as Fault {
      throw fault.within(stage)
    }
  }
}
