import TacitFault
import TacitReasoning

/// Puts the question before the model as plain text, or as the given token ids.
struct PromptStage: Stage {
  static let about = About(
    "Puts the question before the model as plain text.", source: "Tacit", fidelity: .faithful,
    provides: [.prompt])

  @Option("Text of the prompt; {question} stands for the question.") var template = "{question}"
  @Option("Token ids to read in place of text.") var tokenIDs: [Int]?
  @Option("Whether the tokenizer adds what it adds to every text, such as a first token.")
  var addSpecialTokens = true

  func validate() throws { try Placeholder.check(template, option: "template") }

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    if let tokenIDs { return try state.read(tokenIDs: tokenIDs) }
    let text = Placeholder.filled(template, with: state.question)
    let ids = try state.model.tokenizer.encode(text, addSpecialTokens: addSpecialTokens)
    guard !ids.isEmpty else {
      throw Fault(
        "stage 'prompt', sample '\(state.sampleName)'", expected: "text that the model can read",
        found: "a prompt without tokens", hint: "the question may be empty")
    }
    try state.read(tokenIDs: ids)
  }
}
