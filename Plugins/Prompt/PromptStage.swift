import TacitReasoning

/// Puts the question before the model as plain text, or as the given token ids.
struct PromptStage: Stage {
  static let manifest = StageManifest(
    name: "prompt", summary: "Puts the question before the model as plain text.", source: "Tacit",
    fidelity: .faithful, provides: [.prompt],
    options: [
      .string(
        "template", default: "{question}", "Text of the prompt; {question} stands for the question."
      ),
      .integers("token_ids", "Token ids to read in place of text."),
      .boolean(
        "add_special_tokens", default: true,
        "Whether the tokenizer adds what it adds to every text, such as a first token."),
    ])

  private let template: String
  private let tokenIDs: [Int]?
  private let addsSpecialTokens: Bool

  init(options: StageOptions) {
    template = options.string("template")
    tokenIDs = options.integers("token_ids")
    addsSpecialTokens = options.boolean("add_special_tokens")
  }

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    if let tokenIDs { return try state.read(tokenIDs: tokenIDs) }
    let text = template.replacing("{question}", with: state.question)
    let ids = try state.model.tokenizer.encode(text, addSpecialTokens: addsSpecialTokens)
    guard !ids.isEmpty else {
      throw ReasoningError(
        location: "stage 'prompt', sample '\(state.sampleName)'",
        expected: "text that the model can read", found: "a prompt without tokens",
        hint: "the question may be empty")
    }
    try state.read(tokenIDs: ids)
  }
}
