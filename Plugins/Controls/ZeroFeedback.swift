import TacitReasoning

/// A control of latent reasoning: rows of zeros, which carry nothing but their position.
struct ZeroFeedback: Feedback, FeedbackSpan {
  static let about = About(
    "Feeds zeros in place of each thought (control).", source: "Tacit", fidelity: .faithful)

  func row(_ thought: Thought) -> [Float] { [Float](repeating: 0, count: thought.hidden.count) }
}
