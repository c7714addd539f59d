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
  /// - Throws: ``ReasoningError`` that says what is missing.
  public func check(_ models: ReasoningModels) throws {
    try feedback.check(models)
    for refiner in refiners { try refiner.check(models) }
  }
}

/// A latent span under way: the refiners with what they remember.
public struct OpenSpan {
  private var refiners: [any RefinerSpan]
  /// The last row that was made; nil before the first.
  public private(set) var previousRow: [Float]?

  init(_ refiners: [any RefinerSpan]) { self.refiners = refiners }

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
  /// Begins a latent span of which the stage feeds the rows itself.
  public func open(_ span: LatentSpan) async throws -> OpenSpan {
    let context = SpanContext(models: models, history: rows, runtime: runtime)
    var refiners: [any RefinerSpan] = []
    for refiner in span.refiners { refiners.append(try await refiner.begin(context)) }
    return OpenSpan(refiners)
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

  /// Thinks: feeds `steps` rows, each made by the feedback and changed by the refiners in order.
  ///
  /// The state after the last thought is not computed here but with the rows that follow it.
  /// - Parameters:
  ///   - steps: Thoughts.
  ///   - span: How they are made.
  ///   - details: What the stage adds to the trace of each.
  /// - Throws: what feedback and refiners throw, and as ``hidden()``.
  public mutating func think(
    steps: Int, _ span: LatentSpan, details: [String: JSON] = [:]
  ) async throws {
    guard steps > 0 else { return }
    var open = try await open(span)
    for step in 0..<steps {
      let thought = try await thought(
        step: step, previousRow: open.previousRow,
        needsLogits: type(of: span.feedback).needsLogits)
      let row = try await span.feedback.row(thought)
      feed(thought: try await open.refine(row, thought), madeOf: thought, details: details)
    }
  }
}
