import TacitModel
import TacitReasoning

/// Reads guesses of the tokens that follow together with the last token of a text.
///
/// What is drafted changes no token of the text, only how many passes it takes. Of a budget of
/// positions, which guesses that fail use up too, a guess takes only what the tokens that may still
/// follow cannot need; so it ends the text where it would have ended, while later stages find less.
struct DraftedReading: Sendable {
  static let options: [OptionSpecification] = [
    .integer(
      "draft", default: 0, in: 0...256,
      "Tokens guessed and checked in one pass at most, which changes costs only; 0 guesses none."),
    .integer(
      "draft_min_match", default: 2, in: 1...64,
      "Last tokens that must stand earlier in the text, or in the corpus, for a guess."),
    .integer(
      "draft_max_match", default: 4, in: 1...64, "Last tokens that are looked for at first."),
    .strings("draft_corpus", "Texts in which guesses are looked up besides what was read before."),
  ]

  /// What the options say.
  struct Settings: Sendable {
    let drafter: Drafter.Settings
    let corpus: [String]

    /// - Returns: nil where nothing is to be drafted.
    /// - Throws: ``ReasoningError`` for a shortest match that is longer than the longest.
    init?(_ options: StageOptions) throws {
      let length = options.integer("draft")
      let (least, most) = (options.integer("draft_min_match"), options.integer("draft_max_match"))
      guard least <= most else {
        throw ReasoningError(
          location: "stage 'generate', options 'draft_min_match' and 'draft_max_match'",
          expected: "a shortest match of \(most) tokens or less", found: "\(least)")
      }
      guard length > 0 else { return nil }
      drafter = Drafter.Settings(
        matches: least...most, length: length, branches: 1, maximumNodes: length)
      corpus = options.strings("draft_corpus") ?? []
    }

    /// The corpus as tokens, indexed once for each model.
    fileprivate func datastore(_ model: ReasoningModel) throws -> Datastore? {
      guard !corpus.isEmpty else { return nil }
      return try model.derived("generate: draft corpus, depth \(drafter.depth), \(corpus)") {
        let documents = try corpus.map { try model.tokenizer.encode($0, addSpecialTokens: false) }
        return Datastore(documents, depth: drafter.depth)
      }
    }
  }

  private let length: Int
  private var drafter: Drafter
  /// What was read ahead last.
  private var draft: [Int] = []
  private var acceptedCount = 0

  /// Begins behind everything that the state has read or will read; thoughts are left out.
  /// - Throws: what the tokenizer throws on the corpus.
  init(_ settings: Settings, _ state: ReasoningState) throws {
    self.init(settings.drafter, try settings.datastore(state.model), state)
  }

  /// Begins likewise, with an index of documents.
  init(_ settings: Drafter.Settings, _ datastore: Datastore?, _ state: ReasoningState) {
    length = settings.length
    drafter = Drafter(settings, datastore: datastore)
    for case .token(let id) in state.rows { drafter.append(id) }
  }

  /// Guesses and reads ahead, where no earlier guess is left.
  ///
  /// The first step reads the prompt, whose pages others may share, without a guess.
  /// - Throws: as `ReasoningState.hidden()`.
  mutating func readAhead(_ state: inout ReasoningState, _ text: DecodedText) async throws {
    guard text.step > 0, state.aheadCount == 0 else { return }
    let room = room(state, text)
    guard room > 0 else { return }
    let guess = drafter.continuation().prefix(room)
    try await state.readAhead(Array(guess))
    draft = Array(guess.prefix(state.aheadCount))
    acceptedCount = 0
  }

  /// Tokens that may be read ahead: none that the text cannot have or that the budget may lack.
  private func room(_ state: ReasoningState, _ text: DecodedText) -> Int {
    let budget = state.remainingBudget
    // A step beyond the tokens of the budget is still drawn, for it may end the text.
    let steps = min(text.remainingTokens, (budget.tokens ?? .max - 1) + 1)
    let room = min(length, steps - 1, state.remainingContext)
    return budget.positions.map { min(room, $0 - (steps - 1)) } ?? room
  }

  /// Takes note of a token of the text.
  mutating func append(_ tokenID: Int, _ state: ReasoningState) {
    drafter.append(tokenID)
    guard !draft.isEmpty else { return }
    if draft[acceptedCount] == tokenID { acceptedCount += 1 }
    if state.aheadCount == 0 { close(state) }
  }

  /// Says in the trace what became of the last guess.
  mutating func close(_ state: ReasoningState) {
    guard !draft.isEmpty else { return }
    state.note(["drafted": .integer(draft.count), "accepted": .integer(acceptedCount)])
    draft = []
  }
}
