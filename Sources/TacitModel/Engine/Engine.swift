import TacitTensor

/// Runs one model for all sequences: batches their requests and counts what they cost.
///
/// The result of a row depends on its own sequence only: not on batch mates, on how a prompt was
/// cut into chunks, on the number of threads or on the order of requests. Prompts that begin alike
/// are read once; this saves time, while every sequence is charged what it would cost alone.
public final class Engine: Sendable {
  /// The model.
  public let model: any LanguageModel
  /// Where requests of all engines wait.
  public let scheduler: Scheduler
  /// How keys and values of this model lie in memory.
  public let layout: PageLayout

  let configuration: ModelConfiguration
  let prefixes: PrefixCache

  /// Rows of one batch at most; longer prompts are read in chunks between the steps of others.
  public static let maximumBatchRows = 512

  /// An engine for a model; engines of one run share a scheduler.
  /// - Parameters:
  ///   - model: The model.
  ///   - keysAndValues: How they are kept in sessions: as they are, Float32, or rounded to Float16.
  ///   - scheduler: Where requests wait.
  public init(
    model: any LanguageModel, keysAndValues: ElementType = .float32,
    scheduler: Scheduler = Scheduler()
  ) {
    self.model = model
    self.scheduler = scheduler
    configuration = model.configuration
    layout = PageLayout(
      layerCount: configuration.layerCount,
      keyValueHeadCount: configuration.keyValueHeadCount, headSize: configuration.headSize,
      element: keysAndValues)
    prefixes = PrefixCache(layout: layout)
    scheduler.serve(configuration)
  }

  /// An empty memory whose bytes the ledger counts.
  public func makeSession(_ ledger: Ledger) -> Session {
    Session(layout: layout, meter: ledger.meter)
  }

  /// Reads rows into a session.
  /// - Parameters:
  ///   - request: Rows and outputs wanted.
  ///   - session: Memory that the rows see and are added to.
  ///   - ledger: Where the cost is counted.
  /// - Returns: the outputs that were asked for.
  /// - Throws: ``EngineError`` for rows that the model cannot read; `CancellationError`.
  public func forward(
    _ request: ForwardRequest, session: inout Session, ledger: Ledger
  ) async throws -> ForwardResult {
    try validate(request, session: session)
    try Task.checkCancellation()
    guard !request.rows.isEmpty else { return ForwardResult() }
    // Whoever holds the session must be its only owner, or every write would copy a page.
    let pending = PendingRequest(
      engine: self, work: .read(request), ledger: ledger, session: makeSession(ledger))
    swap(&session, &pending.session)
    await scheduler.submit(pending)
    swap(&session, &pending.session)
    try Task.checkCancellation()
    return pending.result
  }

  /// Logits of a state that is already known, without a forward pass.
  /// - Parameters:
  ///   - hidden: State after the final norm, D components.
  ///   - ledger: Where the head row is counted.
  /// - Returns: V logits.
  /// - Throws: ``EngineError/vectorWidth(found:expected:)``; `CancellationError`.
  public func project(_ hidden: [Float], ledger: Ledger) async throws -> [Float] {
    try checkWidth(hidden)
    try Task.checkCancellation()
    let pending = PendingRequest(
      engine: self, work: .project(hidden), ledger: ledger, session: makeSession(ledger))
    await scheduler.submit(pending)
    try Task.checkCancellation()
    return pending.result.logits?[0] ?? []
  }

  /// The sum of embedding rows, weighted.
  /// - Parameters:
  ///   - weights: V weights.
  ///   - ledger: Where the product is counted.
  /// - Returns: D components.
  /// - Throws: `CancellationError`.
  public func mix(_ weights: [Float], ledger: Ledger) async throws -> [Float] {
    precondition(
      weights.count == configuration.vocabularySize, "one weight for each row of the embedding")
    try Task.checkCancellation()
    let pending = PendingRequest(
      engine: self, work: .mix(weights), ledger: ledger, session: makeSession(ledger))
    await scheduler.submit(pending)
    try Task.checkCancellation()
    return pending.mixture ?? []
  }

  func validate(_ request: ForwardRequest, session: Session) throws(EngineError) {
    for row in request.rows {
      switch row {
      case .token(let id):
        guard (0..<configuration.vocabularySize).contains(id) else {
          throw .tokenOutOfRange(id: id, vocabularySize: configuration.vocabularySize)
        }
      case .vector(let vector): try checkWidth(vector)
      }
    }
    for case .residual(let layer) in request.taps
    where !(0...configuration.layerCount).contains(layer) {
      throw .layerOutOfRange(layer: layer, layerCount: configuration.layerCount)
    }
    let end = session.nextPosition + request.rows.count
    guard end <= configuration.maximumPositions else {
      throw .contextExceeded(position: end - 1, maximum: configuration.maximumPositions)
    }
  }

  private func checkWidth(_ vector: [Float]) throws(EngineError) {
    guard vector.count == configuration.hiddenSize else {
      throw .vectorWidth(found: vector.count, expected: configuration.hiddenSize)
    }
  }
}
