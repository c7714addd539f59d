import Synchronization
import TacitModel
import TacitTensor

/// A model that notes how many rows each of its passes has.
public final class WatchedModel: LanguageModel {
  /// The model that computes.
  public let base: any LanguageModel
  /// What the engine is told of it.
  public let configuration: ModelConfiguration
  private let beforeForward: @Sendable () -> Void
  private let passes = Mutex((forward: [Int](), mix: [Int]()))

  /// - Parameters:
  ///   - base: The model that computes.
  ///   - configuration: What the engine is told; nil is the truth.
  ///   - beforeForward: Called at the beginning of every pass through the layers.
  public init(
    _ base: any LanguageModel, configuration: ModelConfiguration? = nil,
    beforeForward: @escaping @Sendable () -> Void = {}
  ) {
    self.base = base
    self.configuration = configuration ?? base.configuration
    self.beforeForward = beforeForward
  }

  /// Rows of each pass through the layers so far.
  public var forwardRows: [Int] { passes.withLock { $0.forward } }
  /// Rows of each pass over the embedding matrix so far.
  public var mixtureRows: [Int] { passes.withLock { $0.mix } }

  /// Rows of the embedding, as the base computes them.
  public func embed(_ tokenIDs: [Int32]) -> Tensor { base.embed(tokenIDs) }
  /// The final norm, as the base computes it.
  public func normalize(_ residual: Tensor) -> Tensor { base.normalize(residual) }
  /// The head, as the base computes it.
  public func project(_ hidden: Tensor) -> Tensor { base.project(hidden) }
  /// Rows of the head, as the base computes them.
  public func headRows(_ tokenIDs: [Int32]) -> Tensor { base.headRows(tokenIDs) }

  /// Notes the rows, and mixes as the base does.
  public func mix(_ weights: Tensor) -> Tensor {
    passes.withLock { $0.mix.append(weights.rows) }
    return base.mix(weights)
  }

  /// Notes the rows, and runs the layers of the base.
  public func forward(
    _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory, layers: Set<Int>
  ) -> ModelOutput {
    passes.withLock { $0.forward.append(input.rows) }
    beforeForward()
    return base.forward(input, positions: positions, memory: &memory, layers: layers)
  }
}
