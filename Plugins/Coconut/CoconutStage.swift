import TacitReasoning

/// Continuous thought: feeds the last hidden state back as the next input row.
///
/// Source: Hao et al. 2024, arXiv:2412.06769, section 3. As in the authors' code the number of
/// thoughts is fixed, the first thought is the state at the start marker, and the state after the
/// last thought is not fed but followed by the end marker. Their decoding loop runs the whole
/// sequence again for each token; ours caches, which gives the same result.
struct CoconutStage: Stage {
  static let manifest = StageManifest(
    name: "coconut", summary: "Feeds the last hidden state back as the next input row.",
    source: "arXiv:2412.06769, section 3", fidelity: .faithful, requires: [.prompt],
    provides: [.hidden, .memory],
    options: [
      .integer("latent_steps", default: 6, in: 0...4096, "Continuous thoughts."),
      .feedback,
      .refine,
    ])

  private let steps: Int
  private let span: LatentSpan

  init(options: StageOptions) throws {
    steps = options.integer("latent_steps")
    span = try LatentSpan(options)
  }

  func check(_ models: ReasoningModels) throws {
    _ = try models.main.latentMarkers(for: Self.manifest.name)
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let markers = try state.model.latentMarkers(for: Self.manifest.name)
    state.mark(markers.start)
    try await state.think(steps: steps, span)
    state.mark(markers.end)
  }
}
