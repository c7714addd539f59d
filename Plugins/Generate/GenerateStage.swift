import TacitReasoning
import TacitTensor

/// Decodes token by token: the explicit reasoning that latent strategies are measured against.
///
/// With a prompt that asks for steps this is the chain-of-thought baseline.
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
    ])

  private let maximumTokens: Int
  private let sampling: Sampling
  private let prefix: String
  private let stopTexts: [String]
  private let endIDs: Set<Int>?
  private let ignoresEnd: Bool
  private let skipsFirstEnd: Bool

  init(options: StageOptions) {
    maximumTokens = options.integer("max_new_tokens")
    sampling = Sampling(options)
    prefix = options.string("prefix")
    stopTexts = (options.strings("stop") ?? []).filter { !$0.isEmpty }
    endIDs = options.integers("eos_token_ids").map { Set($0) }
    ignoresEnd = options.boolean("ignore_eos")
    skipsFirstEnd = options.boolean("skip_first_eos")
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let textStart = state.text.utf8.count
    var emitted = 0
    for id in try state.model.tokenizer.encode(prefix, addSpecialTokens: false) {
      guard emitted < maximumTokens else { break }
      try state.emit(id, kind: .forced)
      emitted += 1
    }
    let ends = ignoresEnd ? [] : endIDs ?? state.model.endOfSequenceIDs
    state.finishReason = .length
    var sampled = 0
    while emitted < maximumTokens {
      // A prompt beyond the context is an error; a text that reaches its end is complete.
      if sampled > 0, state.remainingContext < 0 { break }
      let logits = try await state.logits()
      var random = state.randomStream(step: sampled)
      guard let id = sampling.draw(from: logits, &random) else { throw state.nonFiniteLogits }
      if ends.contains(id), !(skipsFirstEnd && sampled == 0) {
        state.finishReason = .endOfSequence
        break
      }
      try state.emit(id, entropy: state.isTraced ? Double(logits.entropy()) : nil)
      emitted += 1
      sampled += 1
      if endsWithStopText(&state, from: textStart) { break }
    }
  }

  /// Cuts the text at the first stop text; streams what cannot become one any more.
  private func endsWithStopText(_ state: inout ReasoningState, from start: Int) -> Bool {
    let text = state.text
    let tail = text.utf8.dropFirst(start)
    if let end = stopTexts.compactMap({ tail.firstRange(of: $0.utf8)?.lowerBound }).min() {
      state.cutText(at: end)
      state.stream()
      state.finishReason = .stop
      return true
    }
    state.stream(holdingBack: stopTexts.map { overlap(of: tail, with: $0) }.max() ?? 0)
    return false
  }

  /// Bytes at the end of `text` that are the beginning of `stop`.
  private func overlap(of text: Substring.UTF8View, with stop: String) -> Int {
    let bytes = Array(text.suffix(stop.utf8.count - 1))
    return (0...bytes.count).reversed().first { stop.utf8.starts(with: bytes.suffix($0)) } ?? 0
  }
}
