import TacitReasoning
import TacitTensor

/// Decodes token by token: the explicit reasoning that latent strategies are measured against.
///
/// With a prompt that asks for steps this is the chain-of-thought baseline.
///
/// Drafts: the retrieved branch of READER, arXiv:2508.09072, in a chain. A draft is read behind the
/// last token in one pass; each of its tokens stays if it is the one that this position's own random
/// numbers draw. So the text is that of decoding without drafts, bit for bit, whatever is drafted.
struct GenerateStage: Stage {
  static let manifest = StageManifest(
    name: "generate", summary: "Decodes token by token until the text ends.", source: "Tacit",
    fidelity: .faithful, requires: [.prompt], provides: [.text],
    options: [
      .integer("max_new_tokens", default: 256, in: 0..., "Tokens at most, forced ones included.")
    ] + Sampling.options + [
      .string("prefix", default: "", "Text that is emitted before anything is sampled."),
      .strings("stop", "Texts that end the decoding; they are not part of the result."),
      .integers("eos_token_ids", "Tokens that end the text, in place of the model's own."),
      .boolean("ignore_eos", default: false, "Goes on after an end-of-sequence token."),
      .boolean(
        "skip_first_eos", default: false,
        "Does not test the first token, as Coconut's published decoding loop."),
    ] + DraftedReading.options)

  private let maximumTokens: Int
  private let sampling: Sampling
  private let prefix: String
  private let stopTexts: [String]
  private let endIDs: Set<Int>?
  private let ignoresEnd: Bool
  private let skipsFirstEnd: Bool
  private let drafts: DraftedReading.Settings?

  init(options: StageOptions) throws {
    maximumTokens = options.integer("max_new_tokens")
    sampling = Sampling(options)
    prefix = options.string("prefix")
    stopTexts = options.strings("stop") ?? []
    endIDs = options.integers("eos_token_ids").map { Set($0) }
    ignoresEnd = options.boolean("ignore_eos")
    skipsFirstEnd = options.boolean("skip_first_eos")
    drafts = try DraftedReading.Settings(options)
  }

  private var decoding: Decoding {
    Decoding(
      sampling: sampling, maximumTokens: maximumTokens, stopTexts: stopTexts, endIDs: endIDs,
      ignoresEnd: ignoresEnd, skipsFirstEnd: skipsFirstEnd)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let forced = try state.model.tokenizer.encode(prefix, addSpecialTokens: false)
    try await Self.write(decoding, forcing: forced, &state) { state in
      try drafts.map { try DraftedReading($0, state) }
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
      let logits = try await state.logits()
      let id = try text.draw(from: logits, state)
      if text.ends(with: id, &state) { break }
      try state.emit(id, entropy: state.isTraced ? Double(logits.entropy()) : nil)
      drafts?.append(id, state)
      text.advance(&state)
    }
    drafts?.close(state)
  }
}
