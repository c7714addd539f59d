import TacitReasoning

/// Decodes token by token: the explicit reasoning that latent strategies are measured against.
///
/// With a prompt that asks for steps this is the chain-of-thought baseline.
///
/// Drafts: the retrieved branch of READER, arXiv:2508.09072, in a chain. A draft is read behind the
/// last token in one pass; each of its tokens stays if it is the one that this position's own random
/// numbers draw. So the text is that of decoding without drafts, bit for bit, whatever is drafted.
struct GenerateStage: Stage {
  static let about = About(
    "Decodes token by token until the text ends.", source: "Tacit", fidelity: .faithful,
    requires: [.prompt], provides: [.text])

  @Option("Tokens at most, forced ones included.", 0...) var maxNewTokens = 256
  @OptionGroup var sampling = Sampling()
  @Option("Text that is emitted before anything is sampled.") var prefix = ""
  @Option("Texts that end the decoding; they are not part of the result.") var stop: [String]?
  @Option("Tokens that end the text, in place of the model's own.") var eosTokenIDs: [Int]?
  @Option("Goes on after an end-of-sequence token.") var ignoreEOS = false
  @Option("Does not test the first token, as Coconut's published decoding loop.")
  var skipFirstEOS = false
  @OptionGroup var drafts = DraftOptions()

  private var decoding: Decoding {
    Decoding(
      sampling: sampling, maximumTokens: maxNewTokens, stopTexts: stop ?? [],
      endIDs: eosTokenIDs.map { Set($0) }, ignoresEnd: ignoreEOS, skipsFirstEnd: skipFirstEOS)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    try drafts.check(state)
    let forced = try state.model.tokenizer.encode(prefix, addSpecialTokens: false)
    try await Self.write(decoding, forcing: forced, &state) { state in
      try drafts.isOff ? nil : DraftedReading(drafts, state)
    }
  }

  /// Writes a text by the rules, with guesses of whoever `makeDrafts` makes behind forced tokens.
  static func write(
    _ rules: Decoding, forcing forced: [Int], _ state: inout ReasoningState,
    drafts makeDrafts: (ReasoningState) throws -> DraftedReading?
  ) async throws {
    var text = try rules.begin(&state, forcing: forced)
    var drafts = try makeDrafts(state)
    while text.continues(state) {
      try await drafts?.readAhead(&state, text)
      guard let id = try await text.next(&state) else { break }
      drafts?.append(id, state)
    }
    drafts?.close(state)
  }
}
