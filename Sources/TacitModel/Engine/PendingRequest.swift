import TacitTensor

/// A request on its way through the engine.
///
/// One thread at a time touches it: the asking sequence before and after, the one that runs the
/// batch in between; the scheduler's lock orders them.
final class PendingRequest: @unchecked Sendable {
  enum Work {
    /// Rows to read.
    case read(ForwardRequest)
    /// A state whose logits are wanted, D components.
    case project([Float])
  }

  let engine: Engine
  let work: Work
  let ledger: Ledger
  var session: Session
  var served = 0
  var result = ForwardResult()
  var continuation: UnsafeContinuation<Void, Never>?

  init(engine: Engine, work: Work, ledger: Ledger, session: Session) {
    self.engine = engine
    self.work = work
    self.ledger = ledger
    self.session = session
  }

  /// Rows not yet read.
  var remaining: Int {
    if case .read(let request) = work { request.rows.count - served } else { 0 }
  }

  var isFinished: Bool {
    switch work {
    case .read: remaining == 0
    case .project: result.logits != nil
    }
  }

  func deliver(logits: Tensor) {
    result.logits = result.logits.map { Tensor.concatenated([$0, logits]) } ?? logits
  }
}
