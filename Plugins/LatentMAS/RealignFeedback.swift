import TacitReasoning

/// The last state mapped back to where embeddings lie: e = h W, scaled to an embedding's size.
///
/// W solves (UᵀU + λI) W = UᵀE, U the output head and E the embedding; with tied weights it is
/// nearly the identity. Source: LatentMAS, arXiv:2511.20639. The paper divides by the norm of h,
/// the authors' code by the norm of h W; both then give the row the mean norm of an embedding.
/// Their command line leaves W out unless asked, and scales all the same.
struct RealignFeedback: Feedback {
  static let manifest = StageManifest(
    name: "realign", summary: "Maps the last state back to the space of embeddings.",
    source: "arXiv:2511.20639", fidelity: .faithful,
    options: [
      .boolean(
        "solve", default: true,
        "Whether W is solved for; false takes the identity, as the authors' command line does."),
      .number(
        "lambda", default: 1e-5, minimum: 0, "Ridge that is added to the diagonal of UᵀU."),
      .number(
        "lambda_relative", minimum: 0,
        "Ridge in units of the mean of that diagonal, in place of lambda; unset by default."),
      .choice(
        "normalization", of: ["code", "paper", "none"], default: "code",
        "Divides by the norm of h W (code) or of h (paper), or leaves the row as it is."),
      .choice(
        "rows", of: ["tokens", "all"], default: "tokens",
        "Rows of both matrices that count: those of the tokenizer's tokens, as in the authors' "
          + "code, or padding too."),
    ])

  private enum Normalization: String { case code, paper, none }

  private let settings: Realignment.Settings
  private let normalization: Normalization
  private let key: String

  init(options: StageOptions) {
    self.init(
      Realignment.Settings(
        solves: options.boolean("solve"), lambda: options.number("lambda"),
        relativeLambda: options.optionalNumber("lambda_relative"),
        countsAllRows: options.string("rows") == "all"),
      Normalization(rawValue: options.string("normalization")) ?? .code)
  }

  /// The authors' default: the identity, scaled to the mean norm of an embedding.
  init() { self.init(Realignment.Settings(), .code) }

  private init(_ settings: Realignment.Settings, _ normalization: Normalization) {
    self.settings = settings
    self.normalization = normalization
    key = "realign \(settings)"
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
    try model.derived(key) { try Realignment(model, settings) }
  }
}
