import Synchronization
import TacitModel
import TacitTensor

/// A model that notes which passes are asked of it.
public final class WatchedModel: Sendable {
  /// The model under observation.
  public let model: LanguageModel
  private let notes: Notes

  /// What a model is told before its passes.
  private final class Notes: PassObserver {
    let passes = Mutex((forward: [Int](), mix: [Int]()))
    let beforeForward: @Sendable () -> Void

    init(beforeForward: @escaping @Sendable () -> Void) { self.beforeForward = beforeForward }

    func willRun(rows: Int) {
      passes.withLock { $0.forward.append(rows) }
      beforeForward()
    }

    func willMix(rows: Int) { passes.withLock { $0.mix.append(rows) } }
  }

  /// - Parameters:
  ///   - base: The model that computes.
  ///   - configuration: What the engine is told; nil is the truth.
  ///   - beforeForward: Called at the beginning of every pass through the layers.
  public init(
    _ base: LanguageModel, configuration: ModelConfiguration? = nil,
    beforeForward: @escaping @Sendable () -> Void = {}
  ) {
    notes = Notes(beforeForward: beforeForward)
    model = LanguageModel(base, configuration: configuration, observer: notes)
  }

  /// What the engine is told of the model.
  public var configuration: ModelConfiguration { model.configuration }
  /// Rows of each pass through the layers so far.
  public var forwardRows: [Int] { notes.passes.withLock { $0.forward } }
  /// Rows of each pass over the embedding matrix so far.
  public var mixtureRows: [Int] { notes.passes.withLock { $0.mix } }
}
