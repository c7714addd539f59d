import TacitFault
import TacitJSON
import TacitModel
import TacitTensor
import TacitText

/// One sequence in the making: its memory, what was emitted, and what is known of the last row.
///
/// A value: copying it forks the memory. Rows that are fed wait until a state or logits are asked
/// for, so that the model reads as many as possible in one pass; this changes no result.
public struct ReasoningState: Sendable {
  var runtime: SampleRuntime
  var sequence: ModelSequence
  var waiting: [InputRow] = []
  /// Tokens that were read ahead of the text and have not come yet.
  var ahead: RowsAhead?
  /// Every row that was fed, read or not yet.
  public internal(set) var rows: [InputRow] = []
  var controls: [(control: any StackControl, firstRead: Int, stage: String)] = []
  var readCount = 0
  var lastHidden: [Float]?
  var lastLogits: [Float]?
  var decoder: StreamDecoder
  var streamedCount = 0
  /// Name of the running stage, for the trace.
  var stageName = ""
  /// Position of the running stage in the pipeline, for random numbers.
  var stageIndex = 0
  /// Which of the stages that a recipe's own stage runs is running; 0 is none of them.
  var invocation = 0
  /// Time from the start of the first stage to the end of the last that ran.
  var elapsed = Duration.zero

  /// Tokens of the prompt, in the order read.
  public private(set) var promptTokenIDs: [Int] = []
  /// Tokens emitted, sampled and forced alike.
  public private(set) var tokenIDs: [Int] = []
  /// Everything emitted, as text without special tokens.
  public internal(set) var text = ""
  /// Why decoding ended, once a stage has said so.
  public var finishReason: Completion.FinishReason?
  var isFinished = false
  /// Continuations of which none has been chosen yet.
  public internal(set) var candidates: [Candidate] = []

  init(_ runtime: SampleRuntime) {
    self.runtime = runtime
    sequence = runtime.root
    decoder = runtime.models.main.tokenizer.streamDecoder(skipSpecialTokens: true)
  }

  /// The model that reads this state's rows.
  public var model: ReasoningModel { runtime.models.main }

  /// The models of the pipeline.
  public var models: ReasoningModels { runtime.models }

  /// The stages whose controls shape how rows pass through the stack.
  public var shapingStages: [String] { controls.map(\.stage) }

  /// Whether each step is kept; stages compute what only a trace needs if it is.
  public var isTraced: Bool { runtime.options.trace != .none }

  /// Moves the memory into a new value, so that only that one holds it; this one is then empty.
  public mutating func movedOut() -> ReasoningState {
    let moved = self
    sequence.reset()
    ahead = nil
    candidates = []
    return moved
  }

  /// An empty state of the same sample in the same stage: what it reads and emits is charged and
  /// traced, but is no part of this state's prompt, memory and text.
  public func beside() -> ReasoningState {
    var empty = ReasoningState(runtime)
    empty.stageName = stageName
    empty.stageIndex = stageIndex
    empty.invocation = invocation
    return empty
  }

  /// Rows read or waiting to be read.
  public var rowCount: Int { sequence.rowCount - aheadCount + waiting.count }

  /// Rows that still fit the model's context.
  public var remainingContext: Int {
    sequence.remainingContext + aheadCount - waiting.count
  }
}

// MARK: Rows

extension ReasoningState {
  /// Adds tokens to the prompt.
  /// - Throws: ``Fault`` for an id that the model does not have.
  public mutating func read(tokenIDs: [Int]) throws {
    let size = model.configuration.vocabularySize
    if let id = tokenIDs.first(where: { !(0..<size).contains($0) }) {
      throw Fault(
        "stage '\(stageName)'", expected: "token ids from 0 to \(size - 1)", found: "\(id)")
    }
    promptTokenIDs += tokenIDs
    feed(tokenIDs.map { .token($0) })
  }

  /// Feeds a token that belongs neither to the prompt nor to the text, such as a latent marker.
  public mutating func mark(_ tokenID: Int) {
    record(.forced, tokenID: tokenID)
    feed([.token(tokenID)])
  }

  /// Feeds a vector in place of a token: a thought.
  ///
  /// With the thought of which the row was made, a trace also shows the entropy at this step.
  public mutating func feed(
    thought row: [Float], madeOf thought: Thought? = nil, details: [String: JSON] = [:]
  ) {
    record(
      thought: row, entropy: isTraced ? thought.map { Double($0.entropy) } : nil, details: details)
    feed([.vector(row)])
  }

  /// Notes in the trace what the stage did or decided besides reading rows.
  public func note(_ details: [String: JSON]) { record(.event, details: details) }

  /// Feeds rows once more, which are part of the prompt, of the text or thoughts already.
  ///
  /// The model is charged for them as for any rows.
  public mutating func feed(again rows: some Sequence<InputRow>) { feed(Array(rows)) }

  /// Emits a token and feeds it, or a vector in its place.
  /// - Parameters:
  ///   - tokenID: The token.
  ///   - row: What the model reads in place of the token's embedding, D components; the step is then
  ///     latent, although a token is written.
  ///   - kind: `.explicit` for a sampled token, `.forced` for a prescribed one.
  ///   - entropy: Entropy in nats of the raw distribution at temperature 1, where known.
  ///   - details: What the stage adds to the trace.
  /// - Throws: ``BudgetExhausted`` when no token may be emitted any more.
  public mutating func emit(
    _ tokenID: Int, feeding row: [Float]? = nil, kind: TraceStep.Kind = .explicit,
    entropy: Double? = nil, details: [String: JSON] = [:]
  ) throws {
    if let limit = runtime.budget.tokens, runtime.counts.tokens >= limit {
      throw BudgetExhausted(limit: "tokens")
    }
    runtime.countToken(isSampled: kind == .explicit)
    if let row {
      record(thought: row, tokenID: tokenID, entropy: entropy, details: details)
    } else {
      record(kind, tokenID: tokenID, entropy: entropy, details: details)
    }
    tokenIDs.append(tokenID)
    // Rows of the embedding matrix beyond the vocabulary have no text.
    if model.tokenizer.token(tokenID) != nil { text += try decoder.append(tokenID) }
    feed([row.map { .vector($0) } ?? .token(tokenID)])
  }

  mutating func feed(_ rows: [InputRow]) {
    self.rows += rows
    let unread = rows.dropFirst(take(rows))
    guard !unread.isEmpty else { return }
    waiting += unread
    lastHidden = nil
    lastLogits = nil
  }

  private func record(
    thought row: [Float], tokenID: Int? = nil, entropy: Double? = nil, details: [String: JSON]
  ) {
    guard isTraced else { return record(.latent) }
    let norm = euclideanNorm(row)
    var details = details
    let relative = norm / model.meanEmbeddingNorm
    details["relative_norm"] = JSON(measured: relative)
    if relative > 10 { details["warning"] = "more than 10 times the norm of an embedding" }
    details["memory"] = .integer(rowCount)
    details["nearest"] = .array(model.nearestTokens(to: row).map { .string($0) })
    record(
      .latent, tokenID: tokenID, entropy: entropy, norm: norm,
      vector: runtime.options.trace == .vectors ? row : nil, details: details)
  }

  private func record(
    _ kind: TraceStep.Kind, tokenID: Int? = nil, entropy: Double? = nil, norm: Double? = nil,
    vector: [Float]? = nil, details: [String: JSON] = [:]
  ) {
    runtime.record { number in
      var details = details
      if let tokenID { details["token"] = model.tokenizer.token(tokenID).map { .string($0) } }
      return TraceStep(
        stage: stageName, step: number, kind: kind, tokenID: tokenID, entropy: entropy,
        norm: norm, vector: vector, details: details)
    }
  }
}
