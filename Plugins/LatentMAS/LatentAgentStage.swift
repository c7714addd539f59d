import TacitFault
import TacitJSON
import TacitReasoning
import TacitText

/// One agent of a team that shares a memory: reads its prompt, thinks, and hands the memory on.
///
/// Source: LatentMAS, arXiv:2511.20639. An agent reads its prompt on top of everything that earlier
/// agents left, then feeds `latent_steps` thoughts; nothing is written. The last agent is one
/// with `latent_steps = 0`, followed by `generate`. The memory is passed on even without thoughts,
/// where the authors' program drops it, and their command line's default of 0 thoughts therefore
/// runs a single agent.
///
/// Where only a part of the memory is kept, keys stay rotated as they were. By default rows that
/// follow continue after them, so that distances stay what they were; the authors' code lets
/// positions start again from the number of columns kept, so that new rows overlap old ones:
/// `positions = "restart"`.
///
/// Their second program, for engines without access to the memory, hands over input rows instead:
/// the last agent reads all of them anew within its own prompt (`transfer = "rows"`).
struct LatentAgentStage: Stage {
  static let about = About(
    "Reads an agent's prompt and thinks on the shared memory.", source: "arXiv:2511.20639",
    fidelity: .faithful, provides: [.prompt, .hidden, .memory],
    example: ["format": .string("plain")])

  enum Format: String, OptionChoice { case chat, plain }
  enum Kept: String, OptionChoice { case all, turn, latent }
  enum Positions: String, OptionChoice { case `continue`, restart }
  enum Transfer: String, OptionChoice { case memory, rows }

  @Option("Name of the agent in the trace.") var role = "agent"
  @Option("Text of the system message; unset leaves it to the template.") var system: String?
  @Option("Text of the prompt; {question} stands for the question.") var user = "{question}"
  @Option("Puts the texts in the model's chat format, or one after the other as they are.")
  var format = Format.chat
  @Option("What the template is told where it knows the switch.") var enableThinking = true
  @Option("Token ids to read in place of the texts.") var promptTokenIDs: [Int]?
  @Option("Whether <think> follows the prompt.") var thinkMarker = false
  @Option("Thoughts; 0 only reads, as the agent does that answers.", 0...4096)
  var latentSteps = 20
  @Option(
    "What remains of the memory: everything, this agent's prompt and thoughts, or its thoughts.")
  var keep = Kept.all
  @Option(
    "Where rows continue after a part was dropped: as if nothing was, or, as in the authors' "
      + "code, at the number of columns kept.")
  var positions = Positions.continue
  @Option(
    "What is taken over from the agent before: its memory, or the rows that lie in it, which are "
      + "read anew, at the cost of as many positions.")
  var transfer = Transfer.memory
  @Option(
    "Tokens of the prompt that come before rows taken over; unset looks for {memory} in the "
      + "texts, else 0.", 0...)
  var insertAt: Int?
  @Option("What the model reads next while it thinks; by default tacit.realign { solve = false }.")
  var feedback: any Feedback = RealignFeedback(solve: false)
  @Option var refiners: [any Refiner] = []

  private var span: LatentSpan { LatentSpan(feedback: feedback, refiners: refiners) }

  func validate() throws {
    guard keep != .latent || latentSteps > 0 else {
      throw Fault(
        "stage 'latent_agent', options 'keep' and 'latent_steps'", expected: "thoughts to hand on",
        found: "keep = \"latent\" with latent_steps = 0",
        hint: "a team with no memory is a single agent: give latent_steps, or keep = \"all\"")
    }
  }

  func check(_ models: ReasoningModels) throws {
    if latentSteps > 0 { try span.check(models) }
    if let promptTokenIDs {
      _ = try split(promptTokenIDs)
    } else if format == .chat {
      _ = try template(models.main)
    }
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    var before = state.rowCount
    let prompt = try prompt(state)
    if transfer == .rows {
      let rows = state.rows.suffix(before)
      try await state.keepTail(0, restartsPositions: true)
      before = 0
      try state.read(tokenIDs: prompt.head)
      state.feed(again: rows)
    } else {
      try state.read(tokenIDs: prompt.head)
    }
    try state.read(tokenIDs: prompt.tail)
    try await state.think(steps: latentSteps, span, details: ["role": .string(role)])
    switch keep {
    case .all: break
    case .turn:
      try await state.keepTail(state.rowCount - before, restartsPositions: positions == .restart)
    case .latent:
      try await state.keepTail(latentSteps, restartsPositions: positions == .restart)
    }
    state.note([
      "role": .string(role), "keep": .string(keep.rawValue), "memory": .integer(state.rowCount),
    ])
  }
}

// MARK: Prompt

extension LatentAgentStage {
  /// Where rows taken over stand in the texts.
  private static let placeholder = "{memory}"

  /// The prompt's tokens before and after the place of rows taken over.
  private func prompt(_ state: ReasoningState) throws -> (head: [Int], tail: [Int]) {
    let tokenizer = state.model.tokenizer
    let marker = thinkMarker ? "<think>" : ""
    if let promptTokenIDs {
      return try split(
        promptTokenIDs + (try tokenizer.encode(marker, addSpecialTokens: false)))
    }
    let text = try text(state) + marker
    // The template writes every special token; else what begins every text begins the memory only.
    let addsSpecialTokens = format == .plain && (transfer == .rows || state.rowCount == 0)
    if transfer == .rows, insertAt == nil, let place = text.firstRange(of: Self.placeholder) {
      return (
        try tokenizer.encode(
          String(text[..<place.lowerBound]), addSpecialTokens: addsSpecialTokens),
        try tokenizer.encode(String(text[place.upperBound...]), addSpecialTokens: false)
      )
    }
    return try split(try tokenizer.encode(text, addSpecialTokens: addsSpecialTokens))
  }

  private func split(_ ids: [Int]) throws(Fault) -> (head: [Int], tail: [Int]) {
    let count = insertAt ?? 0
    guard count <= ids.count else {
      throw Fault(
        "stage 'latent_agent', option 'insert_at'",
        expected: "at most the \(ids.count) tokens of the prompt", found: "\(count)")
    }
    return (Array(ids[..<count]), Array(ids[count...]))
  }

  private func text(_ state: ReasoningState) throws -> String {
    var messages = [("user", user)]
    if let system { messages.insert(("system", system), at: 0) }
    messages = messages.map { ($0, Placeholder.filled($1, with: state.question)) }
    guard format == .chat else { return messages.map(\.1).joined(separator: "\n\n") }
    let tokenizer = state.model.tokenizer
    return try template(state.model).render(
      messages: messages.map { ["role": .string($0), "content": .string($1)] },
      addGenerationPrompt: true, bosToken: tokenizer.bosToken, eosToken: tokenizer.eosToken,
      variables: ["enable_thinking": .boolean(enableThinking)])
  }

  private func template(_ model: ReasoningModel) throws(Fault) -> ChatTemplate {
    try model.requireChatTemplate(
      hint: "give --model a chat model, or write format = \"plain\" in the recipe")
  }
}
