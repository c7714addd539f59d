import TacitReasoning

/// Blends every thought with the one before it, as that one was fed.
///
/// Source: residual embedding refinement of arXiv:2506.08552, `h ← alpha · h' + (1 - alpha) · h`.
/// Its code could not be read and its values of alpha are not known, nor which of the two it is the
/// share of, so other readings can be chosen. The first thought of a span is the state at the start
/// marker; nothing precedes it, and it is not blended.
struct ResidualRefinementRefiner: Refiner, RefinerSpan {
  static let manifest = StageManifest(
    name: "residual_refinement", summary: "Blends every thought with the one before it.",
    source: "arXiv:2506.08552, residual embedding refinement", fidelity: .reconstruction,
    options: [
      .number(
        "alpha", default: 0.3, minimum: 0, maximum: 1,
        "Share of the thought before; 0 changes nothing, 1 repeats the first thought."),
      .choice(
        "form", of: ["convex_prev", "convex_cur", "additive"], default: "convex_prev",
        "convex_cur: alpha is the share of the new thought, and 1 changes nothing; additive: alpha "
          + "times the thought before is added to the new one."),
      .choice(
        "renorm", of: ["none", "match"], default: "none",
        "Whether a blend, which is shorter than its parts, is scaled to the new thought's norm."),
    ])

  /// Factors of the thought before and of the new one.
  private let factors: (previous: Float, current: Float)
  private let matchesNorm: Bool

  init(options: StageOptions) {
    let alpha = Float(options.number("alpha"))
    factors =
      switch options.string("form") {
      case "convex_cur": (1 - alpha, alpha)
      case "additive": (alpha, 1)
      default: (alpha, 1 - alpha)
      }
    matchesNorm = options.string("renorm") == "match"
  }

  func begin(_ context: SpanContext) -> any RefinerSpan { self }

  func refine(_ row: [Float], _ thought: Thought) -> [Float] {
    guard let previous = thought.previousRow, factors.previous > 0 else { return row }
    let blend = zip(previous, row).map { factors.previous * $0 + factors.current * $1 }
    let norm = euclideanNorm(blend)
    guard matchesNorm, norm > 0 else { return blend }
    let scale = Float(euclideanNorm(row) / norm)
    return blend.map { $0 * scale }
  }
}
