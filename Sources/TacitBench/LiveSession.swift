import TacitModel
import TacitTensor

/// One sequence under measurement, in the hands of one task at a time.
final class LiveSession: @unchecked Sendable {
  private(set) var sequence: ModelSequence
  private let prompt: [InputRow]
  /// State after the last row of the prompt.
  private(set) var hidden: [Float] = []
  /// The most probable token after the prompt.
  private(set) var nextToken = 0

  init(_ network: Network, prompt: [InputRow]) {
    self.prompt = prompt
    sequence = network.makeSequence()
  }

  /// Multiply-adds times two so far.
  var floatingPointOperations: Double { sequence.ledger.counts.floatingPointOperations }

  /// Reads the prompt.
  func read() async throws {
    let result = try await sequence.read(prompt, want: [.states(), .logits()])
    hidden = result.hidden ?? []
    nextToken = result.logits?[0].argmax() ?? 0
  }

  /// Emits the most probable token so many times, as stages do.
  func decode(steps: Int) async throws {
    var token = nextToken
    for _ in 0..<steps {
      let result = try await sequence.read([.token(token)], want: [.states(), .logits()])
      token = result.logits?[0].argmax() ?? 0
    }
  }

  /// Feeds the last hidden state back so many times, as stages do.
  func think(steps: Int) async throws {
    var thought = hidden
    for _ in 0..<steps {
      thought = try await sequence.read([.vector(thought)]).hidden ?? []
    }
  }

  /// Forgets everything after the prompt.
  func rewind() throws { try sequence.crop(to: prompt.count) }
}
