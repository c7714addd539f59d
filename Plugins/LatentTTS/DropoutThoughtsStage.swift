import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning

/// Continuous thoughts under dropout inside the stack: every sample thinks through masks of its own.
///
/// Source: LatentTTS, arXiv:2510.07745, Monte Carlo dropout. The span is Coconut's. In the authors'
/// program dropout is on while latent rows are made, hence for the whole prompt and for all thoughts
/// but the last, which is read with the end marker; `covers_prompt` gives this, at the price of a
/// prompt that each sample reads anew. By default the prompt is read once for all samples, and only
/// thoughts are under dropout. With `covers_answer` it never goes off, as where the authors label
/// thoughts for their reward model.
///
/// Masks are a pure function of a key that is drawn from the run's random numbers, of the column,
/// the place and the component (`Dropout`), so that a trace, which names the key, can be replayed.
struct DropoutThoughtsStage: Stage {
  static let about = About(
    "Feeds the last hidden state back through masks of dropout that each sample has of its own.",
    source: "arXiv:2510.07745, Monte Carlo dropout", fidelity: .faithful, requires: [.prompt],
    provides: [.hidden, .memory])

  @Option("Continuous thoughts.", 0...4096) var latentSteps = 6
  @Option("Probability that a component is dropped; 0 is coconut.", 0...0.999) var rate = 0.2
  @Option(
    "Where components are dropped; by default where the authors' program does for evaluation.")
  var sites: [Dropout.Site] = [.attention, .feedForward]
  @Option("Whether the prompt and the start marker are read under dropout, anew where they were.")
  var coversPrompt = false
  @Option("Whether the last thought is, which is read with the end marker.") var coversLast = false
  @Option("Whether everything from the last thought on is, the answer included.")
  var coversAnswer = false
  @OptionGroup var span = LatentSpan()

  func check(_ models: ReasoningModels) throws {
    _ = try models.main.latentMarkers()
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    // Feedback and refiners draw from other parts of this stream.
    var random = state.randomStream(step: 0)
    try await run(&state, through: dropout(key: random.bits()))
  }

  /// The masks of a key.
  func dropout(key: UInt64) -> Dropout { Dropout(rate: rate, sites: Set(sites), key: key) }

  /// Feeds the span through these masks.
  /// - Throws: as ``run(_:in:)``.
  func run(_ state: inout ReasoningState, through dropout: Dropout) async throws {
    let markers = try state.model.latentMarkers()
    let control = dropout.rate > 0 ? DropoutControl(dropout: dropout) : nil
    if let control {
      note(dropout, in: state)
      if coversPrompt { try readAgain(&state, under: control) }
    }
    state.mark(markers.start)
    if let control, !coversPrompt { state.add(control) }
    try await think(&state, isUnderDropout: control != nil)
    state.mark(markers.end)
  }

  /// Feeds the thoughts; what follows them is under dropout only if it is to be.
  private func think(_ state: inout ReasoningState, isUnderDropout: Bool) async throws {
    var isUnderDropout = isUnderDropout
    func leaveDropout(_ state: inout ReasoningState) {
      if isUnderDropout { state.removeLastControl() }
      isUnderDropout = false
    }
    do {
      var thoughts = latentSteps > 0 ? try await state.thoughts(span) : nil
      while let count = thoughts?.count, count < latentSteps {
        if count == latentSteps - 1, !coversLast, !coversAnswer { leaveDropout(&state) }
        try await thoughts?.next(
          &state, details: rate > 0 ? ["under_dropout": .boolean(isUnderDropout)] : [:])
      }
    } catch {
      // A script may catch it and go on.
      leaveDropout(&state)
      throw error
    }
    if !coversAnswer { leaveDropout(&state) }
  }

  /// Reads every row anew through a control that stays in force.
  private func readAgain(
    _ state: inout ReasoningState, under control: DropoutControl
  ) throws {
    let rows = state.rows
    guard rows.count == state.rowCount else {
      throw Fault(
        "stage '\(Self.name)', option 'covers_prompt'",
        expected: "a memory of all \(rows.count) rows that were fed",
        found: "\(state.rowCount) of them", hint: "an earlier stage has dropped the others")
    }
    try state.crop(to: 0)
    state.add(control)
    state.feed(again: rows)
  }

  private func note(_ dropout: Dropout, in state: ReasoningState) {
    state.note([
      "rate": .number(dropout.rate),
      "sites": .array(dropout.sites.map(\.rawValue).sorted().map { .string($0) }),
      "key": .string("0x" + String(dropout.key, radix: 16)),
    ])
  }
}

extension Dropout.Site: OptionChoice, OptionElement {}
