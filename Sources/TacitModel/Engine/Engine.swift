import TacitFault
import TacitTensor

/// Runs one model for all sequences: batches their requests and counts what they cost.
///
/// The result of a row depends on its own sequence only: not on batch mates, on how a prompt was
/// cut into chunks, on the number of threads or on the order of requests. Prompts that begin alike
/// are read once; this saves time, while every sequence is charged what it would cost alone.
final class Engine: Sendable {
  /// The model.
  let model: LanguageModel
  /// Where requests of all engines wait.
  let scheduler: Scheduler
  /// How keys and values of this model lie in memory.
  let layout: PageLayout

  let configuration: ModelConfiguration
  /// The heads of a layer and the pages that hold its keys and values.
  let attentionShape: AttentionShape
  let prefixes: PrefixCache

  /// Rows of one batch at most; longer prompts are read in chunks between the steps of others.
  static let maximumBatchRows = 512

  /// An engine for a model; engines of one run share a scheduler.
  /// - Parameters:
  ///   - model: The model.
  ///   - keysAndValues: How they are kept: as they are, Float32, or rounded to Float16.
  ///   - scheduler: Where requests wait.
  init(
    model: LanguageModel, keysAndValues: ElementType = .float32,
    scheduler: Scheduler = Scheduler()
  ) {
    self.model = model
    self.scheduler = scheduler
    configuration = model.configuration
    layout = PageLayout(
      layerCount: configuration.layerCount,
      keyValueHeadCount: configuration.keyValueHeadCount, headSize: configuration.headSize,
      element: keysAndValues)
    attentionShape = AttentionShape(
      heads: configuration.headCount, keyValueHeads: configuration.keyValueHeadCount,
      headSize: configuration.headSize, pageColumns: PageLayout.columnCount,
      element: keysAndValues)
    prefixes = PrefixCache(layout: layout)
    scheduler.serve(configuration)
  }

  /// An empty memory whose bytes the ledger counts.
  func makeMemory(_ ledger: Ledger) -> KeyValueMemory {
    KeyValueMemory(layout: layout, meter: ledger.meter)
  }

  /// Reads rows into a memory.
  /// - Parameters:
  ///   - request: Rows and outputs wanted.
  ///   - memory: Memory that the rows see and are added to.
  ///   - ledger: Where the cost is counted.
  /// - Returns: the outputs that were asked for.
  /// - Throws: ``Fault`` for rows that the model cannot read; `CancellationError`.
  func forward(
    _ request: ForwardRequest, memory: inout KeyValueMemory, ledger: Ledger
  ) async throws -> Readout {
    try validate(request, memory: memory)
    try Task.checkCancellation()
    guard !request.rows.isEmpty else { return Readout() }
    // Whoever holds the memory must be its only owner, or every write would copy a page.
    let pending = PendingRequest(
      engine: self, work: .read(request), ledger: ledger, memory: makeMemory(ledger))
    swap(&memory, &pending.memory)
    await scheduler.submit(pending)
    swap(&memory, &pending.memory)
    try Task.checkCancellation()
    return pending.readout
  }

  /// Logits of states that are already known, without a forward pass.
  /// - Parameters:
  ///   - hidden: States after the final norm, [rows, D].
  ///   - ledger: Where the head rows are counted.
  /// - Returns: logits, [rows, V].
  /// - Throws: ``Fault/vectorWidth(found:expected:)``; `CancellationError`.
  func project(_ hidden: Tensor, ledger: Ledger) async throws -> Tensor {
    try checkWidth(hidden.columns)
    try Task.checkCancellation()
    guard hidden.rows > 0 else { return Tensor(zeros: 0, columns: configuration.vocabularySize) }
    let pending = PendingRequest(
      engine: self, work: .project(hidden), ledger: ledger, memory: makeMemory(ledger))
    await scheduler.submit(pending)
    try Task.checkCancellation()
    return pending.readout.logits ?? Tensor(zeros: 0, columns: configuration.vocabularySize)
  }

  /// Sums of rows of a matrix, weighted.
  /// - Parameters:
  ///   - weights: Weights, [rows, V].
  ///   - matrix: Whose rows are summed.
  ///   - ledger: Where the product is counted.
  /// - Returns: the sums, [rows, D].
  /// - Throws: `CancellationError`.
  func mix(
    _ weights: Tensor, of matrix: VocabularyMatrix, ledger: Ledger
  ) async throws -> Tensor {
    precondition(
      weights.columns == configuration.vocabularySize, "one weight for each row of the matrix")
    try Task.checkCancellation()
    guard weights.rows > 0 else { return Tensor(zeros: 0, columns: configuration.hiddenSize) }
    let pending = PendingRequest(
      engine: self, work: .mix(weights, of: matrix), ledger: ledger, memory: makeMemory(ledger))
    await scheduler.submit(pending)
    try Task.checkCancellation()
    return pending.mixture ?? Tensor(zeros: 0, columns: configuration.hiddenSize)
  }

  func validate(_ request: ForwardRequest, memory: KeyValueMemory) throws(Fault) {
    for row in request.rows {
      switch row {
      case .token(let id):
        guard (0..<configuration.vocabularySize).contains(id) else {
          throw .tokenOutOfRange(id: id, vocabularySize: configuration.vocabularySize)
        }
      case .vector(let vector): try checkWidth(vector.count)
      }
    }
    for (tap, rows) in request.states {
      if case .residual(let layer) = tap, !(0...configuration.layerCount).contains(layer) {
        throw .layerOutOfRange(layer: layer, layerCount: configuration.layerCount)
      }
      try request.check(rows)
    }
    try request.logits.map { (rows) throws(Fault) in try request.check(rows) }
    try request.plan?.validate(
      configuration, rowCount: request.rows.count, columns: memory.count)
    let end = memory.nextPosition + request.rows.count
    guard end <= configuration.maximumPositions else {
      throw .contextExceeded(position: end - 1, maximum: configuration.maximumPositions)
    }
  }

  private func checkWidth(_ width: Int) throws(Fault) {
    guard width == configuration.hiddenSize else {
      throw .vectorWidth(found: width, expected: configuration.hiddenSize)
    }
  }
}

extension ForwardRequest {
  fileprivate func check(_ wanted: Range<Int>) throws(Fault) {
    guard wanted.lowerBound >= 0, wanted.upperBound <= rows.count else {
      throw .rowsOutOfRange(rows: wanted, count: rows.count)
    }
  }
}
