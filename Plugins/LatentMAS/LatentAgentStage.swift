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
  static let manifest = StageManifest(
    name: "latent_agent", summary: "Reads an agent's prompt and thinks on the shared memory.",
    source: "arXiv:2511.20639", fidelity: .faithful,
    provides: [.prompt, .hidden, .memory],
    options: [
      .string("role", default: "agent", "Name of the agent in the trace."),
      .string("system", "Text of the system message; unset leaves it to the template."),
      .string(
        "user", default: "{question}", "Text of the prompt; {question} stands for the question."),
      .choice(
        "format", of: ["chat", "plain"], default: "chat",
        "Puts the texts in the model's chat format, or one after the other as they are."),
      .boolean(
        "enable_thinking", default: true, "What the template is told where it knows the switch."),
      .integers("prompt_token_ids", "Token ids to read in place of the texts."),
      .boolean("think_marker", default: false, "Whether <think> follows the prompt."),
      .integer(
        "latent_steps", default: 20, in: 0...4096,
        "Thoughts; 0 only reads, as the agent does that answers."),
      .choice(
        "keep", of: ["all", "turn", "latent"], default: "all",
        "What remains of the memory: everything, this agent's prompt and thoughts, or its thoughts."
      ),
      .choice(
        "positions", of: ["continue", "restart"], default: "continue",
        "Where rows continue after a part was dropped: as if nothing was, or, as in the authors' "
          + "code, at the number of columns kept."),
      .choice(
        "transfer", of: ["memory", "rows"], default: "memory",
        "What is taken over from the agent before: its memory, or the rows that lie in it, which are "
          + "read anew, at the cost of as many positions."),
      .integer(
        "insert_at", in: 0...,
        "Tokens of the prompt that come before rows taken over; unset looks for {memory} in the "
          + "texts, else 0."),
      OptionSpecification(
        "feedback", .feedback, default: nil,
        "What the model reads next while it thinks; by default tacit.realign { solve = false }."),
      .refine,
    ])

  private enum Kept: String { case all, turn, latent }

  private let role: String
  private let system: String?
  private let user: String
  private let usesTemplate: Bool
  private let enablesThinking: Bool
  private let tokenIDs: [Int]?
  private let addsThinkMarker: Bool
  private let steps: Int
  private let kept: Kept
  private let restartsPositions: Bool
  private let transfersRows: Bool
  private let insertionPoint: Int?
  private let span: LatentSpan

  init(options: StageOptions) throws {
    role = options.string("role")
    system = options.optionalString("system")
    user = options.string("user")
    usesTemplate = options.string("format") == "chat"
    enablesThinking = options.boolean("enable_thinking")
    tokenIDs = options.integers("prompt_token_ids")
    addsThinkMarker = options.boolean("think_marker")
    steps = options.integer("latent_steps")
    kept = Kept(rawValue: options.string("keep")) ?? .all
    guard kept != .latent || steps > 0 else {
      throw ReasoningError(
        location: "stage 'latent_agent', options 'keep' and 'latent_steps'",
        expected: "thoughts to hand on", found: "keep = \"latent\" with latent_steps = 0",
        hint: "a team with no memory is a single agent: give latent_steps, or keep = \"all\"")
    }
    restartsPositions = options.string("positions") == "restart"
    transfersRows = options.string("transfer") == "rows"
    insertionPoint = options.optionalInteger("insert_at")
    let isUnset = options.plugin.options["feedback"] == nil
    span = LatentSpan(
      feedback: isUnset ? RealignFeedback() : try options.feedback(),
      refiners: try options.refiners())
  }

  func check(_ models: ReasoningModels) throws {
    if steps > 0 { try span.check(models) }
    if let tokenIDs {
      _ = try split(tokenIDs)
    } else if usesTemplate {
      _ = try template(models.main)
    }
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    var before = state.rowCount
    let prompt = try prompt(state)
    if transfersRows {
      let rows = state.rows.suffix(before)
      try await state.keepTail(0, restartsPositions: true)
      before = 0
      try state.read(tokenIDs: prompt.head)
      state.feed(again: rows)
    } else {
      try state.read(tokenIDs: prompt.head)
    }
    try state.read(tokenIDs: prompt.tail)
    try await state.think(steps: steps, span, details: ["role": .string(role)])
    switch kept {
    case .all: break
    case .turn:
      try await state.keepTail(state.rowCount - before, restartsPositions: restartsPositions)
    case .latent:
      try await state.keepTail(steps, restartsPositions: restartsPositions)
    }
    state.note([
      "role": .string(role), "keep": .string(kept.rawValue), "memory": .integer(state.rowCount),
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
    let marker = addsThinkMarker ? "<think>" : ""
    if let tokenIDs {
      return try split(tokenIDs + (try tokenizer.encode(marker, addSpecialTokens: false)))
    }
    let text = try text(state) + marker
    // The template writes every special token; else what begins every text begins the memory only.
    let addsSpecialTokens = !usesTemplate && (transfersRows || state.rowCount == 0)
    if transfersRows, insertionPoint == nil, let place = text.firstRange(of: Self.placeholder) {
      return (
        try tokenizer.encode(
          String(text[..<place.lowerBound]), addSpecialTokens: addsSpecialTokens),
        try tokenizer.encode(String(text[place.upperBound...]), addSpecialTokens: false)
      )
    }
    return try split(try tokenizer.encode(text, addSpecialTokens: addsSpecialTokens))
  }

  private func split(_ ids: [Int]) throws(ReasoningError) -> (head: [Int], tail: [Int]) {
    let count = insertionPoint ?? 0
    guard count <= ids.count else {
      throw ReasoningError(
        location: "stage 'latent_agent', option 'insert_at'",
        expected: "at most the \(ids.count) tokens of the prompt", found: "\(count)")
    }
    return (Array(ids[..<count]), Array(ids[count...]))
  }

  private func text(_ state: ReasoningState) throws -> String {
    var messages = [("user", user)]
    if let system { messages.insert(("system", system), at: 0) }
    messages = messages.map { ($0, $1.replacing("{question}", with: state.question)) }
    guard usesTemplate else { return messages.map(\.1).joined(separator: "\n\n") }
    let tokenizer = state.model.tokenizer
    return try template(state.model).render(
      messages: messages.map { ["role": .string($0), "content": .string($1)] },
      addGenerationPrompt: true, bosToken: tokenizer.bosToken, eosToken: tokenizer.eosToken,
      variables: ["enable_thinking": .boolean(enablesThinking)])
  }

  private func template(_ model: ReasoningModel) throws(ReasoningError) -> ChatTemplate {
    try model.requireChatTemplate(
      for: Self.manifest.name,
      hint: "give --model a chat model, or write format = \"plain\" in the recipe")
  }
}
