import Synchronization

/// Decides when pending requests become a batch.
///
/// A batch starts when as many requests wait as sequences are alive: the one that asks last runs it
/// on its own thread, so that a single sequence never changes threads and many sequences form the
/// largest batch there is. Which requests meet in a batch changes no result.
public final class Scheduler: Sendable {
  /// The scheduler whose sequence the current task is.
  @TaskLocal private static var current: ObjectIdentifier?

  private struct State {
    var liveSequences = 0
    var pending: [PendingRequest] = []
    var isRunning = false

    /// Claims the right to run a batch if everybody waits and nobody runs one.
    mutating func claim() -> Bool {
      guard !isRunning, !pending.isEmpty, pending.count >= liveSequences else { return false }
      isRunning = true
      return true
    }
  }

  private let state = Mutex(State())

  /// A scheduler without sequences.
  public init() {}

  /// Runs the body of one sequence; batches wait for it to ask or to end.
  ///
  /// Between two requests a sequence computes; it must not wait for anything but the model. Within
  /// a sequence this is no further sequence.
  public func withSequence<Value: Sendable>(
    _ body: () async throws -> Value
  ) async rethrows -> Value {
    let identity = ObjectIdentifier(self)
    if Self.current == identity { return try await body() }
    state.withLock { $0.liveSequences += 1 }
    defer { endSequence() }
    return try await Self.$current.withValue(identity) { try await body() }
  }

  /// Waits until the request has been served, or until a batch ends after it was cancelled.
  func submit(_ request: PendingRequest) async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        request.continuation = continuation
        let runs = state.withLock {
          $0.pending.append(request)
          return $0.claim()
        }
        if runs { runBatches() }
      }
    } onCancel: {
      request.isCancelled.store(true, ordering: .relaxed)
    }
  }

  private func endSequence() {
    let runs = state.withLock {
      $0.liveSequences -= 1
      return $0.claim()
    }
    if runs { runBatches() }
  }

  /// Runs batches for as long as everybody waits.
  private func runBatches() {
    var continues = true
    while continues {
      var pending = state.withLock { $0.pending }.filter { !$0.isFinished }
      while let engine = pending.first?.engine {
        engine.step(pending.filter { $0.engine === engine })
        pending.removeAll { $0.engine === engine }
      }
      let finished = state.withLock { state in
        // Each is asked once: a request can be cancelled at any moment.
        var finished: [PendingRequest] = []
        state.pending.removeAll { request in
          guard request.isFinished else { return false }
          finished.append(request)
          return true
        }
        state.isRunning = false
        continues = state.claim()
        return finished
      }
      for request in finished { request.continuation?.resume() }
    }
  }
}
