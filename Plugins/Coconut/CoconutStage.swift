import TacitReasoning

/// Continuous thought: feeds the last hidden state back as the next input row.
///
/// Source: Hao et al. 2024, arXiv:2412.06769, section 3. As in the authors' code the number of
/// thoughts is fixed, the first thought is the state at the start marker, and the state after the
/// last thought is not fed but followed by the end marker. Their decoding loop runs the whole
/// sequence again for each token; ours caches, which gives the same result.
struct CoconutStage: Stage {
  static let about = About(
    "Feeds the last hidden state back as the next input row.",
    source: "arXiv:2412.06769, section 3", fidelity: .faithful, requires: [.prompt],
    provides: [.hidden, .memory])

  @Option("Continuous thoughts.", 0...4096) var latentSteps = 6
  @OptionGroup var span = LatentSpan()

  func check(_ models: ReasoningModels) throws {
    _ = try models.main.latentMarkers()
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let markers = try state.model.latentMarkers()
    state.mark(markers.start)
    try await state.think(steps: latentSteps, span)
    state.mark(markers.end)
  }
}
