import TacitFault
import TacitJSON
import TacitReasoning
import TacitText

/// Puts the question before the model as a conversation, in the checkpoint's own chat format.
struct ChatStage: Stage {
  static let about = About(
    "Puts the question before the model in its own chat format.", source: "Tacit",
    fidelity: .faithful, provides: [.prompt],
    example: [
      "template": .function(RecipeFunction(identity: "example") { _ in .string("Say it: {}") })
    ])

  @Option("Text of the system message; unset leaves it to the template.") var system: String?
  @Option("Text of the user message; {question} stands for the question.") var user = "{question}"
  @Option("What the template is told where it knows the switch.") var enableThinking = true
  @Option("Whether the turn of the assistant is opened.") var addGenerationPrompt = true
  @Option("Text that the assistant's turn begins with.") var prefill = ""
  @Option("A function from the list of messages to the prompt, in place of the model's template.")
  var template: RecipeFunction?

  func validate() throws { try Placeholder.check(user, option: "user") }

  func check(_ models: ReasoningModels) throws {
    if template == nil { _ = try chatTemplate(of: models.main) }
  }

  private func chatTemplate(of model: ReasoningModel) throws -> ChatTemplate {
    try model.requireChatTemplate(
      hint: "give --model a chat model, or write tacit.prompt in the recipe, or "
        + "tacit.chat { template = function(messages) … end }")
  }

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    var messages: [(role: String, content: String)] = []
    if let system { messages.append(("system", system)) }
    messages.append(("user", Placeholder.filled(user, with: state.question)))
    let text = try render(messages, state.model) + prefill
    // The template writes every special token that the format has.
    try state.read(tokenIDs: state.model.tokenizer.encode(text, addSpecialTokens: false))
  }

  private func render(
    _ messages: [(role: String, content: String)], _ model: ReasoningModel
  ) throws -> String {
    if let template {
      let list = messages.map { message in
        RecipeValue.table(["role": .string(message.role), "content": .string(message.content)])
      }
      guard case .string(let text) = try template(.list(list)) else {
        throw Fault(
          "stage 'chat', \(template.identity)", expected: "a string", found: "another value")
      }
      return text
    }
    return try chatTemplate(of: model).render(
      messages: messages.map { ["role": .string($0.role), "content": .string($0.content)] },
      addGenerationPrompt: addGenerationPrompt, bosToken: model.tokenizer.bosToken,
      eosToken: model.tokenizer.eosToken,
      variables: ["enable_thinking": .boolean(enableThinking)])
  }
}
