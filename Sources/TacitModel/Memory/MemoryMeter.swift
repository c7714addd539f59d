import Synchronization

/// Counts the bytes of key/value memory that one sample holds, and their peak.
public final class MemoryMeter: Sendable {
  private let bytes = Mutex((current: 0, peak: 0))

  /// Nothing held yet.
  public init() {}

  /// Bytes held now.
  public var currentBytes: Int { bytes.withLock { $0.current } }

  /// Most bytes held at one time.
  public var peakBytes: Int { bytes.withLock { $0.peak } }

  func add(_ count: Int) {
    bytes.withLock {
      $0.current += count
      $0.peak = max($0.peak, $0.current)
    }
  }

  func remove(_ count: Int) { bytes.withLock { $0.current -= count } }
}
