import TacitRandom
import TacitTensor

/// Makes the next input row of a latent span from what the model has just computed.
public protocol Feedback: Plugin {
  /// Whether rows are made of logits; the head is computed only then.
  static var needsLogits: Bool { get }

  /// Begins a latent span; what it returns lives as long as the span.
  func begin(_ context: SpanContext) async throws -> any FeedbackSpan
}

/// A feedback at work on one latent span.
public protocol FeedbackSpan {
  /// The row that the model reads next, D components.
  mutating func row(_ thought: Thought) async throws -> [Float]
}

extension Feedback {
  /// A feedback.
  public static var kind: PluginKind { .feedback }

  /// By default the hidden state suffices.
  public static var needsLogits: Bool { false }
}

extension Feedback where Self: FeedbackSpan {
  /// One that remembers nothing is its own span.
  public func begin(_ context: SpanContext) -> any FeedbackSpan { self }
}

/// What is known when the next row of a latent span is made.
public struct Thought: Sendable {
  let runtime: SampleRuntime
  /// Number of the thought within its span, from 0.
  public let step: Int
  /// State of the last row after the final norm, D components.
  public let hidden: [Float]
  /// Logits of the last row, if the feedback needs them.
  public let logits: [Float]?
  /// The thought before this one, as it was fed; nil for the first.
  public let previousRow: [Float]?
  /// Random numbers of this thought, other ones for the feedback and for each refiner.
  public internal(set) var random: CounterRandom

  /// The models of the pipeline.
  public var models: ReasoningModels { runtime.models }

  /// The model that thinks.
  public var model: ReasoningModel { models.main }

  /// Entropy in nats of the next-token distribution here; what it takes is not charged.
  var entropy: Float { (logits ?? model.network.inspect(hidden)).entropy() }

  /// The sum of embedding rows, weighted: V weights to D components.
  /// - Throws: `CancellationError`.
  public func softEmbedding(_ weights: [Float]) async throws -> [Float] {
    try await runtime.root.softEmbedding(weights)
  }
}

/// The raw state after the final norm.
///
/// Source: Hao et al. 2024, arXiv:2412.06769, section 3.
public struct HiddenStateFeedback: Feedback, FeedbackSpan {
  /// Continuous thought's own way.
  public static let about = About(
    "Feeds the last hidden state as it is.", source: "arXiv:2412.06769, section 3",
    fidelity: .faithful)

  /// The feedback as it is when nothing else is asked for.
  public init() {}

  /// The hidden state.
  public func row(_ thought: Thought) -> [Float] { thought.hidden }
}
