import Synchronization

/// The running costs of one account; only the engine and the emission of tokens write to it.
///
/// Opened together with a sequence, so that nothing can be read that is charged to nobody.
public final class Ledger: Sendable {
  /// Rows that may be charged; nil is unlimited.
  public let positionLimit: Int?
  /// Counts the memory of the account's sequences.
  let meter = MemoryMeter()
  private let state = Mutex((own: Counts(), absorbed: Counts()))

  init(positionLimit: Int? = nil) { self.positionLimit = positionLimit }

  /// Everything counted so far, accounts that were absorbed included.
  public var counts: Counts {
    var (counts, absorbed) = state.withLock { $0 }
    counts.peakMemoryBytes = meter.peakBytes
    counts.add(beside: absorbed)
    return counts
  }

  /// Counts a token that was emitted.
  public func countToken() { state.withLock { $0.own.tokens += 1 } }

  /// Takes over what another account has counted.
  ///
  /// Memories count as if all accounts held them at one time: which do is a matter of timing.
  public func absorb(_ other: Ledger) {
    let counts = other.counts
    state.withLock { $0.absorbed.add(beside: counts) }
  }

  func add(_ counts: Counts) { state.withLock { $0.own += counts } }

  /// - Throws: ``BudgetExhausted`` when `count` more rows are beyond the limit.
  func checkPositions(adding count: Int) throws(BudgetExhausted) {
    if let positionLimit, counts.positions + count > positionLimit {
      throw BudgetExhausted(limit: "positions")
    }
  }
}

/// Thrown when an account allows no more of what it limits.
public struct BudgetExhausted: Error, Equatable, Sendable {
  /// The limit that was reached: "positions" or "tokens".
  public let limit: String

  /// Names the limit.
  public init(limit: String) { self.limit = limit }
}

extension Counts {
  /// Adds what was held at the same time: the peaks add up.
  fileprivate mutating func add(beside other: Counts) {
    let peak = peakMemoryBytes + other.peakMemoryBytes
    self += other
    peakMemoryBytes = peak
  }
}
