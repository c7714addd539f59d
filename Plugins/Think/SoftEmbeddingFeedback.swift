import TacitReasoning
import TacitTensor

/// Feeds the mean of the token embeddings under the next-token distribution.
///
/// Source: Soft Thinking, arXiv:2505.15778.
struct SoftEmbeddingFeedback: Feedback, FeedbackSpan {
  static let about = About(
    "Feeds the mean token embedding under the next-token distribution.",
    source: "arXiv:2505.15778", fidelity: .analogue)

  static let needsLogits = true

  @Option("Divides the logits; 0 feeds the embedding of the most probable token.", 0...)
  var temperature = 1.0
  @Option(
    "Averages over the k most probable tokens; 0 over all, 1 feeds one token's embedding.", 0...)
  var topK = 0

  func row(_ thought: Thought) async throws -> [Float] {
    let logits = thought.logits ?? []
    let best = logits.argmax()
    if self.temperature == 0 || topK == 1 { return thought.model.embedding(of: best) }
    let (top, temperature) = (Double(logits[best]), temperature)
    // Differences to the largest logit: no temperature makes them overflow.
    var scaled = logits.map { Float((Double($0) - top) / temperature) }
    if topK > 0, topK < scaled.count { keepLargest(&scaled) }
    return try await thought.softEmbedding(scaled.softmax())
  }

  /// Keeps the k largest logits, the lower id first among equals.
  private func keepLargest(_ logits: inout [Float]) {
    let least = logits.sorted(by: >)[topK - 1]
    var ties = topK - logits.count { $0 > least }
    for id in logits.indices where logits[id] <= least {
      if logits[id] == least, ties > 0 { ties -= 1 } else { logits[id] = -.infinity }
    }
  }
}
