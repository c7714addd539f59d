import TacitReasoning

/// The control of latent reasoning: as many rows, but the same embedding in place of each thought.
///
/// Source: the pause-as-thought ablation of Hao et al. 2024, arXiv:2412.06769, section 4.
/// Rows are fed as vectors between the latent markers, so that every count equals Coconut's.
struct PauseStage: Stage {
  static let manifest = StageManifest(
    name: "pause", summary: "Feeds one fixed embedding in place of each thought (control).",
    source: "arXiv:2412.06769, section 4", fidelity: .analogue, requires: [.prompt],
    provides: [.memory],
    options: [
      .integer("latent_steps", default: 6, in: 0...4096, "Rows in place of thoughts."),
      .string("token", "Token whose embedding is fed; by default the latent marker."),
    ])

  private let steps: Int
  private let token: String?

  init(options: StageOptions) {
    steps = options.integer("latent_steps")
    token = options.optionalString("token")
  }

  func check(_ models: ReasoningModels) throws { _ = try rows(models.main) }

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    let (markers, tokenID) = try rows(state.model)
    let row = state.model.embedding(of: tokenID)
    state.mark(markers.start)
    for _ in 0..<steps { state.feed(thought: row) }
    state.mark(markers.end)
  }

  private func rows(_ model: ReasoningModel) throws -> (LatentMarkers, Int) {
    let markers = try model.latentMarkers(for: Self.manifest.name)
    guard let token else { return (markers, markers.latent) }
    return (markers, try model.tokenID(token, for: Self.manifest.name))
  }
}
