import TacitReasoning

/// The control of latent reasoning: as many rows, but the same embedding in place of each thought.
///
/// Source: the pause-as-thought ablation of Hao et al. 2024, arXiv:2412.06769, section 4.
/// Rows are fed as vectors between the latent markers, so that every count equals Coconut's.
struct PauseStage: Stage {
  static let about = About(
    "Feeds one fixed embedding in place of each thought (control).",
    source: "arXiv:2412.06769, section 4", fidelity: .analogue, requires: [.prompt],
    provides: [.memory])

  @Option("Rows in place of thoughts.", 0...4096) var latentSteps = 6
  @Option("Token whose embedding is fed; by default the latent marker.") var token: String?

  func check(_ models: ReasoningModels) throws { _ = try rows(models.main) }

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    let (markers, tokenID) = try rows(state.model)
    let row = state.model.embedding(of: tokenID)
    state.mark(markers.start)
    for _ in 0..<latentSteps { state.feed(thought: row) }
    state.mark(markers.end)
  }

  private func rows(_ model: ReasoningModel) throws -> (LatentMarkers, Int) {
    let markers = try model.latentMarkers()
    guard let token else { return (markers, markers.latent) }
    return (markers, try model.tokenID(token))
  }
}
