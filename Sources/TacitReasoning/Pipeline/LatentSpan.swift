import TacitFault
import TacitJSON

/// How rows of a latent span are made: one feedback, then refiners in order.
public struct LatentSpan: Configurable {
  /// Makes the row.
  @Option("What the model reads next while it thinks; by default the raw hidden state.")
  public var feedback: any Feedback = HiddenStateFeedback()
  /// Change it before it is read.
  @Option public var refiners: [any Refiner] = []

  /// The raw hidden state.
  public init() {}

  /// Names the parts.
  public init(feedback: any Feedback = HiddenStateFeedback(), refiners: [any Refiner]) {
    self.feedback = feedback
    self.refiners = refiners
  }

  /// Finds what does not fit the models.
  /// - Throws: ``Fault`` that says what is missing.
  public func check(_ models: ReasoningModels) throws {
    for part in [feedback] + refiners as [any Plugin] {
      do {
        try part.check(models)
      } catch let fault as Fault {
        throw fault.within(unlessSaid: type(of: part).subject)
      }
    }
  }
}

/// A latent span under way: what its parts remember, and the thought before.
///
/// The one loop that feeds thoughts:
/// ```swift
/// var thoughts = try await state.thoughts(span)
/// while thoughts.count < steps { try await thoughts.next(&state) }
/// ```
public struct Thoughts {
  private var feedback: any FeedbackSpan
  private let needsLogits: Bool
  private var refiners: [any RefinerSpan]
  /// Thoughts fed so far.
  public private(set) var count = 0
  /// The last row that was made; nil before the first.
  public private(set) var previousRow: [Float]?

  init(_ span: LatentSpan, _ context: SpanContext) async throws {
    feedback = try await span.feedback.begin(context)
    needsLogits = type(of: span.feedback).needsLogits
    refiners = []
    for refiner in span.refiners { refiners.append(try await refiner.begin(context)) }
  }

  /// Feeds one more thought, made by the feedback and changed by the refiners in order.
  ///
  /// The state after it is not computed here but with the rows that follow it.
  /// - Parameters:
  ///   - state: The sequence that thinks.
  ///   - details: What the stage adds to the trace.
  /// - Throws: what feedback and refiners throw, and as `ReasoningState.hidden()`.
  public mutating func next(
    _ state: inout ReasoningState, details: [String: JSON] = [:]
  ) async throws {
    let thought = try await state.thought(
      step: count, previousRow: previousRow, needsLogits: needsLogits)
    let row = try await refine(try await feedback.row(thought), thought)
    state.feed(thought: row, madeOf: thought, details: details)
    count += 1
  }

  /// Changes a row that the stage has made, and will feed, as the next thought.
  /// - Parameters:
  ///   - row: What the stage made.
  ///   - state: The sequence that thinks.
  ///   - stream: Number of the stream of random numbers.
  /// - Returns: the row to feed.
  /// - Throws: as ``next(_:details:)``.
  public mutating func refine(
    _ row: [Float], of state: inout ReasoningState, stream: Int
  ) async throws -> [Float] {
    let thought = try await state.thought(
      step: count, previousRow: previousRow, needsLogits: true, stream: stream)
    count += 1
    return try await refine(row, thought)
  }

  /// Changes a row by all refiners in order and remembers it.
  public mutating func refine(_ row: [Float], _ thought: Thought) async throws -> [Float] {
    var row = row
    for index in refiners.indices {
      var thought = thought
      thought.random = thought.random.part(index + 2)
      row = try await refiners[index].refine(row, thought)
    }
    previousRow = row
    return row
  }
}

extension ReasoningState {
  /// Begins a latent span.
  /// - Throws: what its parts throw.
  public func thoughts(_ span: LatentSpan) async throws -> Thoughts {
    try await Thoughts(span, SpanContext(models: models, history: rows, runtime: runtime))
  }

  /// What is known of the last row.
  /// - Parameters:
  ///   - step: Number of the thought within its span, from 0.
  ///   - previousRow: The thought before; nil for the first.
  ///   - needsLogits: Whether the head is computed.
  ///   - stream: Number of the stream of random numbers; nil takes that of `step`.
  /// - Returns: state, logits, the thought before and the random numbers of this one.
  /// - Throws: as ``hidden()``.
  public mutating func thought(
    step: Int, previousRow: [Float]?, needsLogits: Bool, stream: Int? = nil
  ) async throws -> Thought {
    let logits = needsLogits ? try await logits() : nil
    return Thought(
      runtime: runtime, step: step, hidden: try await hidden(), logits: logits,
      previousRow: previousRow, random: randomStream(step: stream ?? step).part(1))
  }

  /// Feeds `steps` thoughts.
  /// - Parameters:
  ///   - steps: Thoughts.
  ///   - span: How they are made.
  ///   - details: What the stage adds to the trace of each.
  /// - Throws: as `Thoughts.next(_:details:)`.
  public mutating func think(
    steps: Int, _ span: LatentSpan, details: [String: JSON] = [:]
  ) async throws {
    guard steps > 0 else { return }
    var thoughts = try await thoughts(span)
    while thoughts.count < steps { try await thoughts.next(&self, details: details) }
  }
}
