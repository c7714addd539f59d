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
struct SwiReasoningTokenOptions: Sendable {
  static let specifications: [OptionSpecification] = [
    .string("think_token", default: "<think>", "Token that begins thinking."),
    .string("end_think_token", default: "</think>", "Token that ends thinking."),
    .boolean(
      "start_mixing", default: true, "Mixes a tenth of start_token into the first latent row."),
    .string(
      "start_token", default: "\\n",
      "Token for start_mixing; as in the authors' code a backslash and an n, not a line break."),
    .boolean(
      "math_override", default: true,
      "Reads tokens of mathematical symbols as they are, even in latent mode."),
    .integers(
      "math_token_ids", "Tokens for math_override; by default those of the authors' symbols."),
    .integer(
      "max_switch_count", in: 0...,
      "M: from M switches on thinking is made to converge, beyond 2M to terminate; unset never."),
    .string(
      "convergence_text",
      "Text injected at convergence; by default end_think_token, as the authors do for Qwen."),
    .string(
      "termination_text",
      "Text injected at termination; by default end_think_token and a lead-in to the answer."),
    .integers("convergence_token_ids", "Token ids in place of convergence_text."),
    .integers("termination_token_ids", "Token ids in place of termination_text."),
    .integer(
      "termination_max_tokens", default: 32, in: 1...,
      "Steps from termination to the end, injected tokens included."),
  ]

  private let thinkToken: String
  private let endThinkToken: String
  private let startToken: String?
  private let overridesMath: Bool
  private let mathIDs: [Int]?
  private let limit: Int?
  private let convergenceText: String
  private let terminationText: String
  private let convergenceIDs: [Int]?
  private let terminationIDs: [Int]?
  private let terminationBudget: Int

  init(_ options: StageOptions, feedsThoughts: Bool) {
    thinkToken = options.string("think_token")
    endThinkToken = options.string("end_think_token")
    startToken =
      feedsThoughts && options.boolean("start_mixing") ? options.string("start_token") : nil
    overridesMath = feedsThoughts && options.boolean("math_override")
    mathIDs = options.integers("math_token_ids")
    limit = options.optionalInteger("max_switch_count")
    convergenceText = options.optionalString("convergence_text") ?? endThinkToken
    terminationText =
      options.optionalString("termination_text") ?? endThinkToken + "\n\nMy answer is"
    convergenceIDs = options.integers("convergence_token_ids")
    terminationIDs = options.integers("termination_token_ids")
    terminationBudget = options.integer("termination_max_tokens")
  }

  /// Looks the tokens up.
  /// - Throws: ``ReasoningError`` for a token that the model lacks; `TokenizerError` for a text that
  ///   it cannot encode.
  func resolve(_ model: ReasoningModel) throws -> SwiReasoningTokens {
    let hint = "this stage needs a model that thinks between two tokens; name them here"
    return SwiReasoningTokens(
      think: try id("think_token", thinkToken, model, hint: hint),
      endThink: try id("end_think_token", endThinkToken, model, hint: hint),
      start: try startToken.map {
        try id("start_token", $0, model, hint: "name another one, or set start_mixing = false")
      },
      math: try overridesMath
        ? mathIDs.map { Set(try known($0, "math_token_ids", model)) }
          ?? MathSymbols.tokenIDs(model.tokenizer) : [],
      forced: try limit.map { limit in
        ForcedTokens(
          limit: limit,
          convergence: try known(
            convergenceIDs ?? encode(convergenceText, model), "convergence_token_ids", model),
          termination: try known(
            terminationIDs ?? encode(terminationText, model), "termination_token_ids", model),
          budget: terminationBudget)
      })
  }

  private func encode(_ text: String, _ model: ReasoningModel) throws -> [Int] {
    try model.tokenizer.encode(text, addSpecialTokens: false)
  }

  private func id(
    _ option: String, _ token: String, _ model: ReasoningModel, hint: String
  ) throws(ReasoningError) -> Int {
    guard let id = model.tokenizer.tokenID(token) else {
      throw ReasoningError(
        location: location(option, model), expected: "a token '\(token)'",
        found: "none in its tokenizer", hint: hint)
    }
    return try known([id], option, model)[0]
  }

  private func known(
    _ ids: [Int], _ option: String, _ model: ReasoningModel
  ) throws(ReasoningError) -> [Int] {
    let size = model.configuration.vocabularySize
    guard let id = ids.first(where: { !(0..<size).contains($0) }) else { return ids }
    throw ReasoningError(
      location: location(option, model), expected: "token ids from 0 to \(size - 1)",
      found: "\(id)")
  }

  private func location(_ option: String, _ model: ReasoningModel) -> String {
    "stage 'swi_reasoning', option '\(option)', model '\(model.located.name)'"
  }
}
