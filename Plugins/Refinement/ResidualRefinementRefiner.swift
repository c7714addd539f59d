import TacitReasoning

/// Blends every thought with the one before it, as that one was fed.
///
/// Source: residual embedding refinement of arXiv:2506.08552, `h ← alpha · h' + (1 - alpha) · h`.
/// Its code could not be read and its values of alpha are not known, nor which of the two it is the
/// share of, so other readings can be chosen. The first thought of a span is the state at the start
/// marker; nothing precedes it, and it is not blended.
struct ResidualRefinementRefiner: Refiner, RefinerSpan {
  static let about = About(
    "Blends every thought with the one before it.",
    source: "arXiv:2506.08552, residual embedding refinement", fidelity: .reconstruction)

  enum Form: String, OptionChoice {
    case convexPrevious = "convex_prev"
    case convexCurrent = "convex_cur"
    case additive
  }
  enum Renorm: String, OptionChoice { case none, match }

  @Option("Share of the thought before; 0 changes nothing, 1 repeats the first thought.", 0...1)
  var alpha = 0.3
  @Option(
    "convex_cur: alpha is the share of the new thought, and 1 changes nothing; additive: alpha "
      + "times the thought before is added to the new one.")
  var form = Form.convexPrevious
  @Option("Whether a blend, which is shorter than its parts, is scaled to the new thought's norm.")
  var renorm = Renorm.none

  /// Factors of the thought before and of the new one.
  private var factors: (previous: Float, current: Float) {
    let alpha = Float(alpha)
    return switch form {
    case .convexPrevious: (alpha, 1 - alpha)
    case .convexCurrent: (1 - alpha, alpha)
    case .additive: (alpha, 1)
    }
  }

  func refine(_ row: [Float], _ thought: Thought) -> [Float] {
    let factors = factors
    guard let previous = thought.previousRow, factors.previous > 0 else { return row }
    let blend = zip(previous, row).map { factors.previous * $0 + factors.current * $1 }
    let norm = euclideanNorm(blend)
    guard renorm == .match, norm > 0 else { return blend }
    let scale = Float(euclideanNorm(row) / norm)
    return blend.map { $0 * scale }
  }
}
