import TacitFault
import TacitReasoning

/// Moves every thought along the difference between a strong and a weak model's next state.
///
/// Source: contrastive reasoning feedback search, arXiv:2506.08552. Its code could not be read. The
/// paper takes a gradient step on `MSE(good, h) - MSE(bad, h)`, means over the D components. With
/// `good` and `bad` held constant that gradient is `2/D · (bad - good)`, so no tape is needed: the
/// step is `kappa · (good - bad)` with `kappa = 2 · eta / D`. The equation is printed with a plus,
/// which moves towards the weak model; the prose describes the descent, which is the default.
///
/// With `gradient = "full"` the states follow the thought, and each model's Jacobian J has a part in
/// the step: `kappa · ((I - J_good)ᵀ (good - h) - (I - J_bad)ᵀ (bad - h))`.
///
/// Both models read the thought as it came in; in their memory it is the refined one that stays.
struct ContrastiveSearchRefiner: Refiner {
  static let about = About(
    "Moves every thought towards a strong and away from a weak model's next state.",
    source: "arXiv:2506.08552, contrastive reasoning feedback search", fidelity: .reconstruction,
    example: ["kappa": .number(0.3)])

  enum Sign: String, OptionChoice { case minus, plus }
  enum Gradient: String, OptionChoice { case detached, full }
  enum Context: String, OptionChoice { case contextual, isolated }

  @Option("Length of the step in differences of the two states; 0 changes nothing.")
  var kappa: Double?
  @Option("The paper's learning rate, in place of kappa: kappa is 2 eta / D.") var eta: Double?
  @Option("minus descends, towards the strong model; plus is the printed equation.")
  var sign = Sign.minus
  @Option(
    "Whether the two states count as constants, or the gradient goes back through both models.")
  var gradient = Gradient.detached
  @Option("Role of the model to move towards.") var strong = "strong"
  @Option("Role of the model to move away from.") var weak = "weak"
  @Option("What both have read before the thought: every row of the sequence, or nothing.")
  var context = Context.contextual

  private var isContextual: Bool { context == .contextual }

  func validate() throws {
    guard (kappa == nil) != (eta == nil) else {
      throw Fault(
        "refiner '\(Self.name)'", expected: "either 'kappa' or 'eta'",
        found: kappa == nil ? "neither" : "both",
        hint: "the step is kappa times the difference of two states; kappa is 2 eta / D")
    }
  }

  func check(_ models: ReasoningModels) throws {
    let expected = models.main.configuration
    for role in [strong, weak] {
      let model = try models.model(role)
      let found = model.configuration
      let location =
        "refiner '\(Self.name)', role '\(role)', model '\(model.located.name)'"
      guard found.hiddenSize == expected.hiddenSize else {
        throw Fault(
          location, expected: "states of \(expected.hiddenSize) components, as in main",
          found: "\(found.hiddenSize)", hint: "use another checkpoint of the same architecture")
      }
      guard !isContextual || found.vocabularySize == expected.vocabularySize else {
        throw Fault(
          location, expected: "the \(expected.vocabularySize) token ids of main",
          found: "\(found.vocabularySize)",
          hint: "it reads the same ids as main; context = \"isolated\" needs none")
      }
    }
  }

  func begin(_ context: SpanContext) throws -> any RefinerSpan {
    func reader(_ role: String) throws -> CandidateReader {
      let model = try context.models.model(role)
      return CandidateReader(
        context.sequence(of: model), history: isContextual ? context.history : nil)
    }
    let width = Double(context.models.main.configuration.hiddenSize)
    let kappa = kappa ?? 2 * (eta ?? 0) / width
    return Span(
      kappa: Float(sign == .minus ? kappa : -kappa), isFull: gradient == .full,
      strong: try reader(strong), weak: try reader(weak))
  }

  private struct Span: RefinerSpan {
    let kappa: Float
    let isFull: Bool
    var strong: CandidateReader
    var weak: CandidateReader

    mutating func refine(_ row: [Float], _ thought: Thought) async throws -> [Float] {
      guard kappa != 0 else { return row }
      if isFull {
        let good = try await strong.errorGradient(at: row, previousRow: thought.previousRow)
        let bad = try await weak.errorGradient(at: row, previousRow: thought.previousRow)
        let eta = kappa * Float(row.count) / 2
        return row.indices.map { row[$0] - eta * (good[$0] - bad[$0]) }
      }
      let good = try await strong.state(after: row, previousRow: thought.previousRow)
      let bad = try await weak.state(after: row, previousRow: thought.previousRow)
      return row.indices.map { row[$0] + kappa * (good[$0] - bad[$0]) }
    }
  }
}
