import TacitReasoning

/// Blends every thought with the one before it, as that one was fed.
///
/// Source: residual embedding refinement of arXiv:2506.08552, `h ← alpha · h' + (1 - alpha) · h`.
/// Its code could not be read and its values of alpha are not known. The first thought of a span
/// is the state at the start marker; nothing precedes it, and it is not blended.
struct ResidualRefinementRefiner: Refiner, RefinerSpan {
  static let manifest = StageManifest(
    name: "residual_refinement", summary: "Blends every thought with the one before it.",
    source: "arXiv:2506.08552, residual embedding refinement", fidelity: .reconstruction,
    options: [
      .number(
        "alpha", default: 0.3, minimum: 0, maximum: 1,
        "Share of the thought before; 0 changes nothing, 1 repeats the first thought."),
      .choice(
        "renorm", of: ["none", "match"], default: "none",
        "Whether a blend, which is shorter than its parts, is scaled to the new thought's norm."),
    ])

  private let alpha: Float
  private let matchesNorm: Bool

  init(options: StageOptions) {
    alpha = Float(options.number("alpha"))
    matchesNorm = options.string("renorm") == "match"
  }

  func begin(_ context: SpanContext) -> any RefinerSpan { self }

  func refine(_ row: [Float], _ thought: Thought) -> [Float] {
    guard let previous = thought.previousRow, alpha > 0 else { return row }
    let blend = zip(previous, row).map { alpha * $0 + (1 - alpha) * $1 }
    let norm = euclideanNorm(blend)
    guard matchesNorm, norm > 0 else { return blend }
    let scale = Float(euclideanNorm(row) / norm)
    return blend.map { $0 * scale }
  }
}
