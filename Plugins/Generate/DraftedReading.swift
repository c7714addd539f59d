import TacitModel
import TacitReasoning

/// Reads guesses of the tokens that follow together with the last token of a text.
///
/// What is drafted changes no token of the text, only how many passes it takes. Of a budget of
/// positions, which guesses that fail use up too, a guess takes only what the tokens that may still
/// follow cannot need; so it ends the text where it would have ended, while later stages find less.
struct DraftedReading: Sendable {
  private let length: Int
  private var drafter: Drafter
  /// What was read ahead last.
  private var draft: [Int] = []
  private var acceptedCount = 0

  /// Begins behind everything that the state has read or will read; thoughts are left out.
  /// - Throws: what the tokenizer throws on the corpus.
  init(_ options: DraftOptions, _ state: ReasoningState) throws {
    self.init(options.settings, try options.datastore(state.model), state)
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
