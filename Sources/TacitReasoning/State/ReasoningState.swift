import TacitFault
import TacitJSON
import TacitModel
import TacitRandom
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
  public private(set) var rows: [InputRow] = []
  private(set) var controls: [(control: any StackControl, firstRead: Int)] = []
  private var readCount = 0
  var lastHidden: [Float]?
  var lastLogits: [Float]?
  private var decoder: StreamDecoder
  private var streamedCount = 0
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
  public private(set) var text = ""
  /// Why decoding ended, once a stage has said so.
  public var finishReason: Completion.FinishReason?
  private(set) var isFinished = false
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

  private mutating func feed(_ rows: [InputRow]) {
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

// MARK: Outputs

extension ReasoningState {
  /// The state of the last row after the final norm, D components.
  /// - Throws: ``BudgetExhausted``, ``Fault`` when nothing was read, `Fault`.
  public mutating func hidden() async throws -> [Float] {
    if let lastHidden { return lastHidden }
    _ = try await flush(want: [.states()])
    return lastHidden ?? []
  }

  /// The logits of the last row, V components.
  /// - Throws: as ``hidden()``.
  public mutating func logits() async throws -> [Float] {
    if let lastLogits { return lastLogits }
    if let lastHidden {
      let logits = try await sequence.logits(of: lastHidden)
      lastLogits = logits
      return logits
    }
    _ = try await flush(want: [.states(), .logits()])
    return lastLogits ?? []
  }

  /// What a stage throws when no token can be drawn from the logits of the last row.
  public var nonFiniteLogits: Fault {
    Fault(
      "stage '\(stageName)', model '\(model.located.name)'", expected: "finite logits",
      found: "NaN or infinities after row \(rowCount)", hint: "the weights may be damaged")
  }

  /// The sum of embedding rows, weighted: V weights to D components.
  /// - Throws: `CancellationError`.
  public func softEmbedding(_ weights: [Float]) async throws -> [Float] {
    try await sequence.softEmbedding(weights)
  }

  /// Feeds rows and reads them at once, together with those that wait.
  /// - Parameters:
  ///   - rows: Thoughts, or rows that are part of the prompt or of the text already.
  ///   - want: Outputs wanted, counted from the first row that waited.
  /// - Returns: the outputs.
  /// - Throws: as ``hidden()``.
  public mutating func read(
    _ rows: some Sequence<InputRow>, want: [Want]
  ) async throws -> Readout {
    dropAhead()
    feed(Array(rows))
    return try await flush(want: want)
  }

  /// Reads the rows that wait; the last row's outputs are known from then on.
  private mutating func flush(want: [Want]) async throws -> Readout {
    guard rowCount > memoryCount else {
      throw Fault(
        "stage '\(stageName)'", expected: "something to read before it", found: "an empty prompt",
        hint: "the template or the question may be empty")
    }
    pinWaitingRows()
    var want = want
    var states: RowSelection?
    var logits: RowSelection?
    for case .states(.finalNorm, let rows) in want { states = rows }
    for case .logits(let rows) in want { logits = rows }
    if states == nil {
      states = .last
      want.append(.states())
    }
    let readout = try await sequence.read(want: want)
    lastHidden = states?.includesLast == true ? readout.hidden : nil
    lastLogits = logits?.includesLast == true ? readout.logits.map { $0[$0.rows - 1] } : nil
    return readout
  }

  /// Decides how the rows that wait will pass through the stack.
  mutating func pinWaitingRows() {
    guard !waiting.isEmpty else { return }
    if !controls.isEmpty {
      var plan = StackPlan.plain
      for entry in controls { entry.control.shape(&plan, read: readCount - entry.firstRead) }
      sequence.plan = plan
    }
    readCount += 1
    sequence.feed(waiting)
    waiting = []
  }
}

// MARK: The stack

extension ReasoningState {
  /// Lets rows that are fed from here on pass through the stack as a control says.
  ///
  /// What was fed before passes as it would have. Controls that were added earlier come first.
  public mutating func add(_ control: some StackControl) {
    dropAhead()
    pinWaitingRows()
    controls.append((control, readCount))
  }

  /// Takes back the control that was added last; rows that wait pass as it says.
  public mutating func removeLastControl() {
    pinWaitingRows()
    _ = controls.popLast()
    if controls.isEmpty { sequence.plan = .plain }
  }

  /// Forgets all rows but the first `count`; the next row continues after them.
  /// - Throws: `Fault` for more rows than there are.
  public mutating func crop(to count: Int) throws {
    dropAhead()
    let surplus = rowCount - count
    let unread = min(max(surplus, 0), waiting.count)
    waiting.removeLast(unread)
    runtime.retire(sequence.memory)
    try sequence.crop(to: count - waiting.count)
    rows.removeLast(min(surplus, rows.count))
    lastHidden = nil
    lastLogits = nil
  }

  /// An empty sequence of a model, charged to the sample.
  public func sequence(of model: ReasoningModel) -> ModelSequence {
    sequence.sibling(on: model.network)
  }
}

// MARK: Text

extension ReasoningState {
  /// Hands emitted text to whoever listens, but for the last `count` bytes of its UTF-8.
  ///
  /// A stage may take back what the stages that it runs emit, so that waits for the stage's end.
  public mutating func stream(holdingBack count: Int = 0) {
    guard invocation == 0, let onText = runtime.options.onText,
      text.utf8.count - count > streamedCount
    else { return }
    let start = text.utf8.index(text.startIndex, offsetBy: streamedCount)
    let end = text.utf8.index(text.endIndex, offsetBy: -count)
    streamedCount = text.utf8.count - count
    onText(String(text[start..<end]))
  }

  /// Cuts the text before a stop text; tokens stay as they were emitted.
  public mutating func cutText(at end: String.Index) {
    text = String(text[..<end])
    decoder = model.tokenizer.streamDecoder(skipSpecialTokens: true)
  }

  /// Ends the text: the rest of an incomplete character is written as U+FFFD.
  mutating func endText() throws {
    if !isFinished { text += try decoder.finish() }
    stream()
  }

  /// Keeps the last `count` rows of the memory, with the positions they have.
  ///
  /// Rows that wait are read first, so that the memory is complete.
  /// - Parameters:
  ///   - count: Rows at most.
  ///   - restartsPositions: Whether the next row gets the position `count`, as if the rows kept
  ///     began at 0; else it continues as if nothing had been dropped.
  /// - Throws: as ``hidden()``.
  public mutating func keepTail(_ count: Int, restartsPositions: Bool = false) async throws {
    dropAhead()
    if rowCount > memoryCount { _ = try await hidden() }
    runtime.retire(sequence.memory)
    try await sequence.keepTail(count, restartsPositions: restartsPositions)
  }

  /// Columns of key/value memory, without rows that wait.
  public var memoryCount: Int { sequence.memory.count - aheadCount }
}

// MARK: What a stage of a recipe may do

extension ReasoningState {
  /// The question as the user put it.
  public var question: String { runtime.sample.question }

  /// Name of the sample in messages.
  public var sampleName: String { runtime.sample.name }

  /// What the budget leaves; nil is unlimited.
  public var remainingBudget: (positions: Int?, tokens: Int?) {
    let counts = runtime.counts
    return (
      runtime.budget.positions.map { max(0, $0 - counts.positions - (rowCount - memoryCount)) },
      runtime.budget.tokens.map { max(0, $0 - counts.tokens) }
    )
  }

  /// Adds text to the prompt.
  public mutating func read(text: String) throws {
    try read(tokenIDs: model.tokenizer.encode(text, addSpecialTokens: false))
  }

  /// Runs a stage of the registry; returns the text that it emitted.
  public mutating func run(
    _ plugin: ConfiguredPlugin, registry: PluginRegistry
  ) async throws -> String {
    let before = text.utf8.count
    let outer = (name: stageName, invocation: invocation)
    stageName = plugin.manifest.name
    invocation = runtime.nextInvocation()
    defer { (stageName, invocation) = outer }
    let stage = try registry.makeStage(plugin)
    try stage.check(models)
    try await stage.run(&self, in: StageContext(index: stageIndex, count: stageIndex + 1))
    return String(text.utf8.dropFirst(before)) ?? ""
  }

  /// The answer within a text; nil if there is none.
  public func answer(in text: String) -> String? { runtime.options.answer(text) }

  /// What the evaluation says of a text, from 0 to 1.
  ///
  /// An oracle, for it knows the right answer. The completion says that it was asked, and so do all
  /// results that it is part of.
  /// - Throws: ``Fault`` outside an evaluation; what the scorer throws.
  public func score(_ text: String) throws -> Double {
    guard let score = runtime.options.score else {
      throw Fault(
        "stage '\(stageName)', sample '\(sampleName)'",
        expected: "a question whose right answer is known", found: "none",
        hint: "tacit eval and tacit compare know the answers of their dataset")
    }
    runtime.noteOracle()
    return try score(text)
  }

  /// Makes a text the completion and ends the pipeline.
  public mutating func finish(_ text: String) {
    self.text = text
    isFinished = true
    finishReason = .done
  }

  /// The next number of this stage's own stream, evenly from [0, 1).
  public mutating func uniform() -> Double {
    var random = randomStream(step: runtime.nextDraw())
    return random.uniform()
  }

  /// The random numbers of one step of the running stage.
  public func randomStream(step: Int) -> CounterRandom {
    CounterRandom(
      seed: runtime.options.seed, sample: runtime.sample.name,
      repetition: runtime.sample.repetition, stage: stageIndex, invocation: invocation, step: step)
  }
}
