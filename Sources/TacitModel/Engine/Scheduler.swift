import Synchronization
import TacitTensor

/// Decides when pending requests become a batch.
///
/// A batch starts when as many requests wait as sequences are alive: the one that asks last runs it
/// on its own thread, so that a single sequence never changes threads and many sequences form the
/// largest batch there is. Sequences of small models instead form one batch for each thread, which
/// run side by side: their arithmetic is too little to be shared. Which requests meet in a batch
/// changes no result.
public final class Scheduler: Sendable {
  /// The scheduler whose sequence the current task is.
  @TaskLocal private static var current: ObjectIdentifier?

  /// Requests that one thread serves.
  private struct Batch {
    let requests: [PendingRequest]
    /// Whether it leaves the other threads to other batches.
    let keepsToItsThread: Bool
  }

  private struct State {
    var liveSequences = 0
    var pending: [PendingRequest] = []
    /// Batches under way, and requests in them.
    var batchCount = 0
    var servedCount = 0
    var hasLargeModel = false
    /// Batches of small models that run side by side; nil is one for each thread.
    let mostAtATime: Int?

    /// Takes the requests that wait for a batch, if enough do and a thread is free for it.
    mutating func claim() -> Batch? {
      guard !pending.isEmpty else { return nil }
      let width = hasLargeModel || liveSequences < 2 ? 1 : mostAtATime ?? Threads.count
      let share = (liveSequences + width - 1) / width
      guard batchCount < width,
        pending.count >= share || pending.count + servedCount >= liveSequences
      else { return nil }
      let batch = Batch(requests: pending, keepsToItsThread: width > 1)
      pending = []
      batchCount += 1
      servedCount += batch.requests.count
      return batch
    }

    /// Takes back what a batch leaves to later ones; returns the requests that it finished.
    mutating func end(_ batch: Batch) -> [PendingRequest] {
      batchCount -= 1
      servedCount -= batch.requests.count
      // Each is asked once: a request can be cancelled at any moment.
      var finished: [PendingRequest] = []
      var others: [PendingRequest] = []
      for request in batch.requests {
        if request.isFinished { finished.append(request) } else { others.append(request) }
      }
      if !others.isEmpty { pending.insert(contentsOf: others, at: 0) }
      return finished
    }
  }

  private let state: Mutex<State>

  /// A scheduler without sequences.
  /// - Parameter batchesAtATime: Batches of small models that run side by side at most; nil is one
  ///   for each thread of the runtime.
  public init(batchesAtATime: Int? = nil) {
    precondition(batchesAtATime.map { $0 > 0 } ?? true, "at least one batch runs at a time")
    state = Mutex(State(mostAtATime: batchesAtATime))
  }

  /// Takes note of a model whose requests come here.
  func serve(_ configuration: ModelConfiguration) {
    // A batch of 32 rows of such a model takes one thread a millisecond or two.
    let largeOperations = Double(8 << 20)
    let operations =
      configuration.cost(ofRows: 0..<1, wanted: 1).floatingPointOperations
      + configuration.headCost(ofRows: 1).floatingPointOperations
    if operations > largeOperations { state.withLock { $0.hasLargeModel = true } }
  }

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
        let batch = state.withLock {
          $0.pending.append(request)
          return $0.claim()
        }
        if let batch { run(batch) }
      }
    } onCancel: {
      request.isCancelled.store(true, ordering: .relaxed)
    }
  }

  private func endSequence() {
    let batch = state.withLock {
      $0.liveSequences -= 1
      return $0.claim()
    }
    if let batch { run(batch) }
  }

  /// Runs a batch, and further ones for as long as enough requests wait.
  private func run(_ first: Batch) {
    var next: Batch? = first
    while let batch = next {
      if batch.keepsToItsThread {
        Threads.keepingOut { step(batch.requests) }
      } else {
        step(batch.requests)
      }
      let finished = state.withLock { state in
        let finished = state.end(batch)
        next = state.claim()
        return finished
      }
      for request in finished { request.continuation?.resume() }
    }
  }

  /// Lets every engine advance those of the requests that are its own.
  private func step(_ requests: [PendingRequest]) {
    var waiting = requests.filter { !$0.isFinished }
    while let engine = waiting.first?.engine {
      engine.step(waiting.filter { $0.engine === engine })
      waiting.removeAll { $0.engine === engine }
    }
  }
}
