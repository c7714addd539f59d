import TacitFault
import TacitReasoning

/// The tokens that SwiReasoning needs of a model, as its options name them.
struct SwiReasoningTokens: Sendable {
  /// Begins thinking.
  let think: Int
  /// Ends thinking.
  let endThink: Int
  /// Mixed into the first latent row; nil when nothing is.
  let start: Int?
  /// Are read as they are, even in latent mode.
  let math: Set<Int>
  /// The control of overthinking; nil when there is none.
  let forced: ForcedTokens?
}

/// What options say about tokens, before a model is known.
struct SwiReasoningTokenOptions: Configurable {
  @Option("Token that begins thinking.") var thinkToken = "<think>"
  @Option("Token that ends thinking.") var endThinkToken = "</think>"
  @Option("Mixes a tenth of start_token into the first latent row.") var startMixing = true
  @Option("Token for start_mixing; as in the authors' code a backslash and an n, not a line break.")
  var startToken = "\\n"
  @Option("Reads tokens of mathematical symbols as they are, even in latent mode.")
  var mathOverride = true
  @Option("Tokens for math_override; by default those of the authors' symbols.")
  var mathTokenIDs: [Int]?
  @Option(
    "M: from M switches on thinking is made to converge, beyond 2M to terminate; unset never.",
    0...)
  var maxSwitchCount: Int?
  @Option("Text injected at convergence; by default end_think_token, as the authors do for Qwen.")
  var convergenceText: String?
  @Option("Text injected at termination; by default end_think_token and a lead-in to the answer.")
  var terminationText: String?
  @Option("Token ids in place of convergence_text.") var convergenceTokenIDs: [Int]?
  @Option("Token ids in place of termination_text.") var terminationTokenIDs: [Int]?
  @Option("Steps from termination to the end, injected tokens included.", 1...)
  var terminationMaxTokens = 32

  /// Looks the tokens up.
  /// - Throws: `Fault` for a token that the model lacks and for a text that
  ///   it cannot encode.
  func resolve(_ model: ReasoningModel, feedsThoughts: Bool) throws -> SwiReasoningTokens {
    let hint = "this stage needs a model that thinks between two tokens; name them here"
    return SwiReasoningTokens(
      think: try id("think_token", thinkToken, model, hint: hint),
      endThink: try id("end_think_token", endThinkToken, model, hint: hint),
      start: feedsThoughts && startMixing
        ? try id(
          "start_token", startToken, model, hint: "name another one, or set start_mixing = false")
        : nil,
      math: try feedsThoughts && mathOverride
        ? mathTokenIDs.map { Set(try known($0, "math_token_ids", model)) }
          ?? MathSymbols.tokenIDs(model.tokenizer) : [],
      forced: try maxSwitchCount.map { limit in
        ForcedTokens(
          limit: limit,
          convergence: try known(
            convergenceTokenIDs ?? encode(convergenceText ?? endThinkToken, model),
            "convergence_token_ids", model),
          termination: try known(
            terminationTokenIDs
              ?? encode(terminationText ?? endThinkToken + "\n\nMy answer is", model),
            "termination_token_ids", model),
          budget: terminationMaxTokens)
      })
  }

  private func encode(_ text: String, _ model: ReasoningModel) throws -> [Int] {
    try model.tokenizer.encode(text, addSpecialTokens: false)
  }

  private func id(
    _ option: String, _ token: String, _ model: ReasoningModel, hint: String
  ) throws(Fault) -> Int {
    guard let id = model.tokenizer.tokenID(token) else {
      throw Fault(
        location(option, model), expected: "a token '\(token)'", found: "none in its tokenizer",
        hint: hint)
    }
    return try known([id], option, model)[0]
  }

  private func known(
    _ ids: [Int], _ option: String, _ model: ReasoningModel
  ) throws(Fault) -> [Int] {
    let size = model.configuration.vocabularySize
    guard let id = ids.first(where: { !(0..<size).contains($0) }) else { return ids }
    throw Fault(
      location(option, model), expected: "token ids from 0 to \(size - 1)", found: "\(id)")
  }

  private func location(_ option: String, _ model: ReasoningModel) -> String {
    "stage 'swi_reasoning', option '\(option)', model '\(model.located.name)'"
  }
}
