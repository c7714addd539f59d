import TacitReasoning

/// The last state mapped back to where embeddings lie: e = h W, scaled to an embedding's size.
///
/// W solves (UᵀU + λI) W = UᵀE, U the output head and E the embedding; with tied weights it is
/// nearly the identity. Source: LatentMAS, arXiv:2511.20639. The paper divides by the norm of h,
/// the authors' code by the norm of h W; both then give the row the mean norm of an embedding.
/// Their command line leaves W out unless asked, and scales all the same.
struct RealignFeedback: Feedback, FeedbackSpan {
  static let about = About(
    "Maps the last state back to the space of embeddings.", source: "arXiv:2511.20639",
    fidelity: .faithful)

  enum Normalization: String, OptionChoice { case code, paper, none }
  enum Rows: String, OptionChoice { case tokens, all }

  @Option("Whether W is solved for; false takes the identity, as the authors' command line does.")
  var solve = true
  @Option("Ridge that is added to the diagonal of UᵀU.", 0...) var lambda = 1e-5
  @Option(
    "Ridge in units of the mean of that diagonal, in place of lambda; unset by default.", 0...)
  var lambdaRelative: Double?
  @Option("Divides by the norm of h W (code) or of h (paper), or leaves the row as it is.")
  var normalization = Normalization.code
  @Option(
    "Rows of both matrices that count: those of the tokenizer's tokens, as in the authors' "
      + "code, or padding too.")
  var rows = Rows.tokens

  init() {}

  /// All defaults but for one: `false` is the authors' own.
  init(solve: Bool) { self.solve = solve }

  private var settings: Realignment.Settings {
    Realignment.Settings(
      solves: solve, lambda: lambda, relativeLambda: lambdaRelative, countsAllRows: rows == .all)
  }

  /// Computes the map before the first sample needs it.
  func check(_ models: ReasoningModels) throws { _ = try realignment(models.main) }

  func row(_ thought: Thought) throws -> [Float] {
    let realignment = try realignment(thought.model)
    let mapped = realignment.map(thought.hidden)
    let divisor: Double
    switch normalization {
    case .code: divisor = euclideanNorm(mapped)
    case .paper: divisor = euclideanNorm(thought.hidden)
    case .none: return mapped
    }
    let scale = Float(realignment.meanNorm / max(divisor, 1e-6))
    return mapped.map { $0 * scale }
  }

  private func realignment(_ model: ReasoningModel) throws -> Realignment {
    let settings = settings
    return try model.derived("realign \(settings)") { try Realignment(model, settings) }
  }
}
