import TacitReasoning
import TacitTensor

/// Decodes token by token: the explicit reasoning that latent strategies are measured against.
///
/// With a prompt that asks for steps this is the chain-of-thought baseline.
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

  private var stopTexts: [String] { (stop ?? []).filter { !$0.isEmpty } }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let textStart = state.text.utf8.count
    var emitted = 0
    for id in try state.model.tokenizer.encode(prefix, addSpecialTokens: false) {
      guard emitted < maxNewTokens else { break }
      try state.emit(id, kind: .forced)
      emitted += 1
    }
    let ends = ignoreEOS ? [] : eosTokenIDs.map { Set($0) } ?? state.model.endOfSequenceIDs
    state.finishReason = .length
    var sampled = 0
    while emitted < maxNewTokens {
      // A prompt beyond the context is an error; a text that reaches its end is complete.
      if sampled > 0, state.remainingContext < 0 { break }
      let logits = try await state.logits()
      var random = state.randomStream(step: sampled)
      guard let id = sampling.draw(from: logits, &random) else { throw state.nonFiniteLogits }
      if ends.contains(id), !(skipFirstEOS && sampled == 0) {
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
