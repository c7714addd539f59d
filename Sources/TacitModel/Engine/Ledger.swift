import Synchronization

/// The running costs of one sample; only the engine and the emission of tokens write to it.
public final class Ledger: Sendable {
  /// Counts the memory of the sample's sessions.
  public let meter = MemoryMeter()
  private let state = Mutex(Counts())

  /// Nothing counted yet.
  public init() {}

  /// Everything counted so far.
  public var counts: Counts {
    var counts = state.withLock { $0 }
    counts.peakMemoryBytes = meter.peakBytes
    return counts
  }

  /// Counts a token that was emitted.
  public func countToken() { state.withLock { $0.tokens += 1 } }

  func add(_ counts: Counts) { state.withLock { $0 += counts } }
}
