import TacitModel
import TacitTensor

/// Changes a row of a latent span before the model reads it.
public protocol Refiner: Plugin {
  /// Begins a latent span; what it returns lives as long as the span.
  func begin(_ context: SpanContext) async throws -> any RefinerSpan
}

extension Refiner {
  /// A refiner.
  public static var kind: PluginKind { .refiner }
}

/// A refiner at work on one latent span.
public protocol RefinerSpan {
  /// The row to feed in place of `row`, D components each.
  mutating func refine(_ row: [Float], _ thought: Thought) async throws -> [Float]
}

/// What a refiner knows when a latent span begins.
public struct SpanContext: Sendable {
  /// The models of the pipeline.
  public let models: ReasoningModels
  /// Every row that the sequence has fed before the span.
  public let history: [InputRow]
  let runtime: SampleRuntime

  /// An empty memory of another model; what it reads is charged to the sample.
  public func auxiliary(_ model: ReasoningModel) -> AuxiliarySession {
    AuxiliarySession(engine: model.engine, runtime: runtime)
  }
}

/// A second model that reads rows beside the one that reasons.
public struct AuxiliarySession: Sendable {
  private let engine: Engine
  private let runtime: SampleRuntime
  private var session: Session

  init(engine: Engine, runtime: SampleRuntime) {
    self.engine = engine
    self.runtime = runtime
    session = engine.makeSession(runtime.ledger)
  }

  /// Rows read so far.
  public var count: Int { session.count }

  /// Reads rows.
  /// - Returns: the state of the last row after the final norm, D components.
  /// - Throws: ``BudgetExhausted``; `EngineError` for rows that the model cannot read;
  ///   `CancellationError`.
  public mutating func read(_ rows: [InputRow]) async throws -> [Float] {
    try runtime.checkPositions(adding: rows.count)
    var request = ForwardRequest(rows: rows)
    request.countsThoughts = false
    let result = try await engine.forward(request, session: &session, ledger: runtime.ledger)
    return result.hidden ?? []
  }

  /// The gradient, with respect to `row`, of a loss of it and of the state after it.
  ///
  /// The row is not read: the memory stays as it is.
  /// - Parameters:
  ///   - row: Vector that the model would read next.
  ///   - loss: One number made of the state after the final norm and the row, [1, D] each.
  /// - Returns: D components.
  /// - Throws: as ``read(_:)``.
  public func gradient(
    at row: [Float], of loss: (_ state: Tensor, _ row: Tensor) -> Tensor
  ) throws -> [Float] {
    try runtime.checkPositions(adding: 1)
    try Task.checkCancellation()
    return try engine.gradient(at: row, after: session, ledger: runtime.ledger, of: loss)
  }

  /// Forgets all rows but the first `count`.
  public mutating func crop(to count: Int) { session.crop(to: count) }
}
