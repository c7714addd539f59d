import Synchronization

/// Where sequences wait until all are there.
///
/// They are known to the scheduler by then, so that no batch begins without one of them.
final class StartLine: Sendable {
  private let count: Int
  private let state = Mutex(
    (waiting: [UnsafeContinuation<Void, Never>](), opened: ContinuousClock.Instant?.none))

  /// Opens when `count` sequences wait.
  init(count: Int) { self.count = count }

  /// When the last sequence came; nil before.
  var opened: ContinuousClock.Instant? { state.withLock { $0.opened } }

  /// Waits for the others.
  func wait() async {
    await withUnsafeContinuation { continuation in
      let released = state.withLock { state -> [UnsafeContinuation<Void, Never>] in
        state.waiting.append(continuation)
        guard state.waiting.count == count else { return [] }
        state.opened = .now
        return state.waiting
      }
      for continuation in released { continuation.resume() }
    }
  }
}
