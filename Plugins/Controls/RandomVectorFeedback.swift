import TacitReasoning

/// A control of latent reasoning: a random direction with the norm of the hidden state.
///
/// What remains of the thought is its norm. The direction is drawn evenly from the sphere.
struct RandomVectorFeedback: Feedback, FeedbackSpan {
  static let about = About(
    "Feeds a random direction with the norm of each thought (control).", source: "Tacit",
    fidelity: .faithful)

  func row(_ thought: Thought) -> [Float] {
    var random = thought.random
    let direction = random.gaussians(thought.hidden.count)
    let scale = Float(euclideanNorm(thought.hidden) / euclideanNorm(direction))
    return direction.map { $0 * scale }
  }
}
