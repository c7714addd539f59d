/// Makes the next input row of a latent span from what the model has just computed.
public protocol Feedback: Sendable {
  /// The plugin's one declaration.
  static var manifest: StageManifest { get }
  /// Whether ``row(_:)`` reads the logits; the head is computed only then.
  static var needsLogits: Bool { get }

  /// Makes a feedback with checked options.
  init(options: StageOptions) throws

  /// The row that the model reads next, D components.
  func row(_ thought: Thought) throws -> [Float]
}

extension Feedback {
  /// By default the hidden state suffices.
  public static var needsLogits: Bool { false }
}

/// What is known when the next row of a latent span is made.
public struct Thought: Sendable {
  /// The model that thinks.
  public let model: ReasoningModel
  /// Number of the thought within its span, from 0.
  public let step: Int
  /// State of the last row after the final norm, D components.
  public let hidden: [Float]
  /// Logits of the last row, if the feedback needs them.
  public let logits: [Float]?
  /// The thought before this one, as it was fed; nil for the first.
  public let previousRow: [Float]?
  /// Random numbers of this thought.
  public let random: CounterRandom
}

/// Changes a row of a latent span before the model reads it.
public protocol Refiner: Sendable {
  /// The plugin's one declaration.
  static var manifest: StageManifest { get }

  /// Makes a refiner with checked options.
  init(options: StageOptions) throws

  /// Begins a latent span; what it returns lives as long as the span.
  func begin(_ model: ReasoningModel) async throws -> any RefinerSpan
}

/// A refiner at work on one latent span.
public protocol RefinerSpan {
  /// The row to feed in place of `row`, D components each.
  mutating func refine(_ row: [Float], _ thought: Thought) async throws -> [Float]
}

/// The raw state after the final norm.
///
/// Source: Hao et al. 2024, arXiv:2412.06769, section 3.
public struct HiddenStateFeedback: Feedback {
  /// The plugin's one declaration.
  public static let manifest = StageManifest(
    name: "hidden_state", summary: "Feeds the last hidden state as it is.",
    source: "arXiv:2412.06769, section 3", fidelity: .faithful)

  /// Takes no options.
  public init(options: StageOptions) {}

  init() {}

  /// The hidden state.
  public func row(_ thought: Thought) -> [Float] { thought.hidden }
}

extension ReasoningState {
  /// Thinks: feeds `steps` rows, each made by the feedback and changed by the refiners in order.
  ///
  /// The state after the last thought is not computed here but with the rows that follow it.
  public mutating func think(
    steps: Int, feedback: any Feedback, refiners: [any Refiner]
  ) async throws {
    var spans: [any RefinerSpan] = []
    for refiner in refiners { spans.append(try await refiner.begin(model)) }
    var previous: [Float]?
    for step in 0..<steps {
      let logits = type(of: feedback).needsLogits ? try await logits() : nil
      let thought = Thought(
        model: model, step: step, hidden: try await hidden(), logits: logits,
        previousRow: previous, random: randomStream(step: step))
      var row = try feedback.row(thought)
      for index in spans.indices { row = try await spans[index].refine(row, thought) }
      feed(thought: row)
      previous = row
    }
  }
}
