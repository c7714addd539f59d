import TacitModel
import TacitTensor

/// A model while it is trained: its parameters, their optimiser, and what comes next.
///
/// The graphs of a batch are divided among a fixed number of shards, whose gradients are added in
/// a fixed order: results do not depend on the number of threads.
public final class Trainer {
  /// What a step did.
  public struct Step: Sendable {
    /// Weighted mean of the cross-entropies of tokens.
    public var tokenLoss = 0.0
    /// Mean cross-entropy of thoughts with their targets.
    public var thoughtLoss = 0.0
    /// Norm of the gradient before clipping.
    public var gradientNorm = 0.0
    /// What the optimiser went by.
    public var learningRate = 0.0
    /// Rows that the model read.
    public var rows = 0
    /// Answers that could be known.
    public var answers = 0
    /// Those of them that were the most likely token.
    public var rightAnswers = 0
  }

  /// What decides all that follows.
  public let settings: TrainingSettings
  /// The model; it reads the parameters in place.
  public let model: LanguageModel
  /// Changes the parameters.
  public let optimizer: AdamW
  let vocabulary: TrainingVocabulary
  let maker: BatchMaker
  private let shards: [Shard]

  private static let shardCount = 4

  private struct Shard: @unchecked Sendable {
    let gradients: ParameterGradients
    let tape: Tape

    init(_ parameters: [Parameter]) {
      gradients = ParameterGradients(parameters)
      tape = Tape(addingTo: gradients)
    }
  }

  /// Trains the parameters that `model` consists of.
  public init(
    _ settings: TrainingSettings, model: LanguageModel, parameters: [Parameter],
    vocabulary: TrainingVocabulary
  ) {
    self.settings = settings
    self.model = model
    self.vocabulary = vocabulary
    optimizer = AdamW(
      parameters, names: model.configuration.family.names, settings: settings.optimizer.adam)
    maker = BatchMaker(
      problems: settings.problems, kinds: settings.kinds, graphCount: settings.graphCount,
      supervisesThoughts: settings.thoughtTargets != nil, vocabulary: vocabulary,
      seed: settings.seed)
    shards = (0..<Self.shardCount).map { _ in Shard(parameters) }
  }

  /// Steps taken.
  public var stepCount: Int { optimizer.stepCount }

  /// Takes a step.
  @discardableResult
  public func step() -> Step {
    let number = stepCount
    let share = Double(number) / Double(settings.stepCount)
    var step = Step()
    let batches = (0..<settings.batchesPerStep).lazy.map { [maker] index in
      maker.batch(step: number, index: index, at: share)
    }
    let gradients = gradients(of: batches, at: share, to: &step)
    let warmup = min(1, Double(number + 1) / Double(max(settings.optimizer.warmupSteps, 1)))
    step.learningRate = settings.optimizer.learningRate.value(at: share) * warmup
    step.gradientNorm = optimizer.step(gradients, learningRate: step.learningRate)
    return step
  }

  /// The gradients of the mean loss of a step's batches, valid until the next call.
  func gradients(
    of batches: some Sequence<TrainingBatch>, at share: Double, to step: inout Step
  ) -> ParameterGradients {
    for shard in shards { shard.gradients.reset() }
    for batch in batches { add(batch, at: share, to: &step) }
    for shard in shards.dropFirst() { shards[0].gradients.add(shard.gradients) }
    return shards[0].gradients
  }

  /// Adds the gradients of a batch to those of the shards.
  private func add(_ batch: TrainingBatch, at share: Double, to step: inout Step) {
    let thoughtWeight = settings.thoughtTargets?.weight.value(at: share) ?? 0
    let labelWeight = batch.labelWeight
    let targetCount = batch.targetCount
    let scale = 1 / Double(settings.batchesPerStep)
    let labelScale = labelWeight > 0 ? scale / labelWeight : 0
    let targetScale = targetCount > 0 ? scale * thoughtWeight / Double(targetCount) : 0
    let results = [BatchLoss.Result](unsafeUninitializedCapacity: shards.count) { memory, count in
      guard let base = memory.baseAddress else { return }
      base.initialize(repeating: BatchLoss.Result(), count: shards.count)
      count = shards.count
      let slots = ResultSlots(base: base)
      Threads.forEach(shards.count) { range in
        for index in range {
          let loss = BatchLoss(
            model: model, vocabulary: vocabulary, feed: batch.feed,
            chainLength: batch.chainLength, graphs: graphs(of: batch, inShard: index),
            labelScale: labelScale, targetScale: targetScale)
          slots.base[index] = Self.run(loss, on: shards[index].tape)
        }
      }
    }
    for result in results {
      step.tokenLoss += result.labels
      if thoughtWeight > 0 { step.thoughtLoss += result.thoughts / thoughtWeight }
      step.answers += result.answers
      step.rightAnswers += result.rightAnswers
    }
    step.rows += batch.rowCount
  }

  private struct ResultSlots: @unchecked Sendable {
    let base: UnsafeMutablePointer<BatchLoss.Result>
  }

  /// As many graphs for each shard as for the others, but for the remainder.
  private func graphs(
    of batch: TrainingBatch, inShard index: Int
  ) -> ArraySlice<TrainingBatch.Graph> {
    let count = batch.graphs.count
    return batch.graphs[count * index / shards.count..<count * (index + 1) / shards.count]
  }

  private static func run(_ loss: BatchLoss, on tape: Tape) -> BatchLoss.Result {
    guard !loss.graphs.isEmpty else { return BatchLoss.Result() }
    var result = tape.recording { loss() }
    if let total = result.total { tape.backward(from: total) }
    result.total = nil
    return result
  }
}
