import TacitReasoning

private func emit(_ text: String, _ state: inout ReasoningState) throws {
  for id in try state.model.tokenizer.encode(text, addSpecialTokens: false) { try state.emit(id) }
}

struct PromptStage: Stage {
  static let manifest = StageManifest(
    name: "prompt", summary: "Reads the question.", source: "Tacit", fidelity: .faithful,
    provides: [.prompt],
    options: [.string("template", default: "{question}", "Text with `{question}`.")])
  init(options: StageOptions) throws {}
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    try state.read(text: state.question)
  }
}

struct ChatStage: Stage {
  static let manifest = StageManifest(
    name: "chat", summary: "Reads a conversation.", source: "Tacit", fidelity: .faithful,
    provides: [.prompt],
    options: [
      .string("system", "System message."), .function("template", "Renders the messages."),
    ])
  private let template: RecipeFunction?
  init(options: StageOptions) throws { template = options.function("template") }
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    guard let template else { return }
    let messages = RecipeValue.list([
      .table(["role": .string("user"), "content": .string(state.question)])
    ])
    if case .string(let text) = try template(messages) { try emit(text, &state) }
  }
}

struct CoconutStage: Stage {
  struct Refused: Error, CustomStringConvertible {
    var description: String { "no latent markers" }
  }
  static let manifest = StageManifest(
    name: "coconut", summary: "Feeds the last hidden state back as the next input.",
    source: "arXiv:2412.06769, section 3", fidelity: .faithful, requires: [.prompt],
    provides: [.hidden, .memory],
    options: [
      .integer("latent_steps", default: 6, in: 0...1024, "Continuous thoughts."), .feedback,
      .refine,
    ])
  private let steps: Int
  init(options: StageOptions) throws {
    steps = options.integer("latent_steps")
    _ = try options.feedback()
    _ = try options.refiners()
    if steps == 666 { throw Refused() }
  }
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    for _ in 0..<(steps % 4) { await Task.yield() }
    if steps == 13 { throw Refused() }
    let row = [Float](repeating: 0, count: state.model.configuration.hiddenSize)
    for _ in 0..<steps { state.feed(thought: row) }
  }
}

struct GenerateStage: Stage {
  static let manifest = StageManifest(
    name: "generate", summary: "Decodes text.", source: "Tacit", fidelity: .faithful,
    requires: [.prompt], provides: [.text],
    options: [
      .integer("max_new_tokens", default: 256, in: 1..., "Upper bound."),
      .number("temperature", default: 0, minimum: 0, "0 is greedy."),
      .integer("seed", in: 0..., "Seed."), .strings("stop", "Texts that end it."),
      .integers("stop_ids", "Tokens that end it."),
      .choice("keep", of: ["all", "latent"], default: "all", "What stays in memory."),
      .boolean("echo", default: false, "Repeats the prompt."),
    ])
  private let limit: Int
  init(options: StageOptions) throws { limit = options.integer("max_new_tokens") }
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    await Task.yield()
    try emit("the answer to \(state.question) is \(state.rowCount)", &state)
  }
}

struct AgentStage: Stage {
  static let manifest = StageManifest(
    name: "latent_agent", summary: "One agent.", source: "arXiv:2511.20639", fidelity: .analogue,
    requires: [.prompt], provides: [.memory],
    options: [
      OptionSpecification("role", .string, default: nil, isRequired: true, "Name of the agent."),
      .integer("latent_steps", default: 20, in: 0..., "Thoughts."),
    ])
  init(options: StageOptions) throws {}
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {}
}

struct SoftFeedback: Feedback {
  static let manifest = StageManifest(
    name: "soft_embedding", summary: "Mixes embeddings by probability.", source: "arXiv:2510.05069",
    fidelity: .analogue,
    options: [.number("temperature", default: 1, minimum: 0, maximum: 10, "Sharpness.")])
  init(options: StageOptions) throws {}
  func row(_ thought: Thought) -> [Float] { thought.hidden }
}

struct NoiseRefiner: Refiner {
  static let manifest = StageManifest(
    name: "gaussian_noise", summary: "Adds noise.", source: "Tacit", fidelity: .reconstruction,
    options: [.number("scale", default: 0.1, minimum: 0, "Standard deviation.")])
  struct Span: RefinerSpan {
    func refine(_ row: [Float], _ thought: Thought) -> [Float] { row }
  }
  init(options: StageOptions) throws {}
  func begin(_ context: SpanContext) -> any RefinerSpan { Span() }
}

let testRegistry = PluginRegistry(
  stages: [
    PromptStage.self, ChatStage.self, CoconutStage.self, GenerateStage.self, AgentStage.self,
  ],
  feedbacks: [SoftFeedback.self], refiners: [NoiseRefiner.self])
