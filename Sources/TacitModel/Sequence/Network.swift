import TacitTensor

/// A model at work: what opens sequences on it, whose reads are batched with all others of its
/// scheduler.
public struct Network: Sendable {
  let engine: Engine

  /// Puts a model to work; models of one run share a scheduler.
  /// - Parameters:
  ///   - model: The model.
  ///   - keysAndValues: How they are kept: as they are, Float32, or rounded to Float16.
  ///   - scheduler: Where requests wait.
  public init(
    _ model: LanguageModel, keysAndValues: ElementType = .float32,
    scheduler: Scheduler = Scheduler()
  ) {
    engine = Engine(model: model, keysAndValues: keysAndValues, scheduler: scheduler)
  }

  /// The model, for tests that watch it.
  package var model: LanguageModel { engine.model }

  /// What config.json says.
  public var configuration: ModelConfiguration { engine.configuration }

  /// Where requests of all networks of a run wait.
  public var scheduler: Scheduler { engine.scheduler }

  /// How keys and values lie in memory.
  public var layout: PageLayout { engine.layout }

  /// Rows of one batch at most; longer prompts are read in chunks between the steps of others.
  public static var maximumBatchRows: Int { Engine.maximumBatchRows }

  /// Opens an empty sequence with an account of its own.
  /// - Parameter positionLimit: Rows that may be charged to it; nil is unlimited.
  /// - Returns: the sequence.
  public func makeSequence(positionLimit: Int? = nil) -> ModelSequence {
    ModelSequence(engine, Ledger(positionLimit: positionLimit))
  }

  /// Rows of the embedding matrix, [ids, D].
  public func embeddings(of tokenIDs: [Int32]) -> Tensor { engine.model.embed(tokenIDs) }

  /// Rows of the output head, [ids, D]: those of the embedding where both are tied.
  public func headRows(of tokenIDs: [Int32]) -> Tensor { engine.model.headRows(tokenIDs) }

  /// Logits of a row for those who look on, such as a trace: no sequence is charged for them.
  public func inspect(_ row: [Float]) -> [Float] { engine.model.project(Tensor([row]))[0] }
}
