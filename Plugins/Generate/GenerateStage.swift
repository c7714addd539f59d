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

  private var decoding: Decoding {
    Decoding(
      sampling: sampling, maximumTokens: maxNewTokens, stopTexts: stop ?? [],
      endIDs: eosTokenIDs.map { Set($0) }, ignoresEnd: ignoreEOS, skipsFirstEnd: skipFirstEOS)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let forced = try state.model.tokenizer.encode(prefix, addSpecialTokens: false)
    var text = try decoding.begin(&state, forcing: forced)
    while text.continues(state) {
      let logits = try await state.logits()
      let id = try text.draw(from: logits, state)
      if text.ends(with: id, &state) { break }
      try state.emit(id, entropy: state.isTraced ? Double(logits.entropy()) : nil)
      text.advance(&state)
    }
  }
}
