import TacitFault
import TacitModel
import TacitRandom
import TacitReasoning

/// A control of latent reasoning: the sequence's own thoughts in another order.
///
/// All thoughts are first made beside the sequence, each from the one before it, and then fed in an
/// order in which none stands at its own place. What is lost is that a thought follows from the
/// rows that were read before it.
struct ShuffledThoughtsFeedback: Feedback {
  static let about = About(
    "Feeds the sequence's own thoughts in another order (control).", source: "Tacit",
    fidelity: .faithful, example: ["count": .integer(8)])

  @Option("Thoughts of the span; the stage's latent_steps.", 2...4096) var count: Int

  func begin(_ context: SpanContext) async throws -> any FeedbackSpan {
    var sequence = context.sequence(of: context.models.main)
    var thoughts = [try await sequence.read(context.history).hidden ?? []]
    while thoughts.count < count {
      let readout = try await sequence.read([.vector(thoughts[thoughts.count - 1])])
      thoughts.append(readout.hidden ?? [])
    }
    return Span(thoughts: thoughts)
  }

  private struct Span: FeedbackSpan {
    let thoughts: [[Float]]
    var order: [Int] = []

    mutating func row(_ thought: Thought) throws -> [Float] {
      guard thoughts.indices.contains(thought.step) else {
        throw Fault(
          "feedback '\(ShuffledThoughtsFeedback.name)', option 'count'",
          expected: "as many as the span's thoughts", found: "\(thoughts.count)")
      }
      if order.isEmpty { order = Self.cycle(thoughts.count, thought.random.part(2)) }
      return thoughts[order[thought.step]]
    }

    /// A permutation without a fixed point, drawn evenly from all cycles (Sattolo 1986).
    private static func cycle(_ count: Int, _ random: CounterRandom) -> [Int] {
      var random = random
      var order = Array(0..<count)
      for last in (1..<count).reversed() {
        order.swapAt(last, Int(random.uniform() * Double(last)))
      }
      return order
    }
  }
}
