import TacitModel
import TacitTensor

/// One sequence under measurement, in the hands of one task at a time.
final class LiveSession: @unchecked Sendable {
  private(set) var session: Session
  private let ledger = Ledger()
  private let engine: Engine
  private let prompt: [InputRow]
  /// State after the last row of the prompt.
  private(set) var hidden: [Float] = []
  /// The most probable token after the prompt.
  private(set) var nextToken = 0

  init(_ engine: Engine, prompt: [InputRow]) {
    self.engine = engine
    self.prompt = prompt
    session = engine.makeSession(ledger)
  }

  /// Multiply-adds times two so far.
  var floatingPointOperations: Double { ledger.counts.floatingPointOperations }

  /// Reads the prompt.
  func read() async throws {
    let result = try await forward(ForwardRequest(rows: prompt, logits: .last))
    hidden = result.hidden ?? []
    nextToken = result.logits?[0].argmax() ?? 0
  }

  /// Emits the most probable token so many times, as stages do.
  func decode(steps: Int) async throws {
    var token = nextToken
    for _ in 0..<steps {
      let result = try await forward(ForwardRequest(rows: [.token(token)], logits: .last))
      token = result.logits?[0].argmax() ?? 0
    }
  }

  /// Feeds the last hidden state back so many times, as stages do.
  func think(steps: Int) async throws {
    var thought = hidden
    for _ in 0..<steps {
      thought = try await forward(ForwardRequest(rows: [.vector(thought)])).hidden ?? []
    }
  }

  /// Forgets everything after the prompt.
  func rewind() { session.crop(to: prompt.count) }

  private func forward(_ request: ForwardRequest) async throws -> ForwardResult {
    try await engine.forward(request, session: &session, ledger: ledger)
  }
}
