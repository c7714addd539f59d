import TacitReasoning

private func emit(_ text: String, _ state: inout ReasoningState) throws {
  for id in try state.model.tokenizer.encode(text, addSpecialTokens: false) { try state.emit(id) }
}

struct PromptStage: Stage {
  static let about = About(
    "Reads the question.", source: "Tacit", fidelity: .faithful, provides: [.prompt])
  @Option("Text with `{question}`.") var template = "{question}"
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    try state.read(text: state.question)
  }
}

struct ChatStage: Stage {
  static let about = About(
    "Reads a conversation.", source: "Tacit", fidelity: .faithful, provides: [.prompt])
  @Option("System message.") var system: String?
  @Option("Renders the messages.") var template: RecipeFunction?
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
  static let about = About(
    "Feeds the last hidden state back as the next input.", source: "arXiv:2412.06769, section 3",
    fidelity: .faithful, requires: [.prompt], provides: [.hidden, .memory])
  @Option("Continuous thoughts.", 0...1024) var latentSteps = 6
  @OptionGroup var span = LatentSpan()
  func validate() throws {
    if latentSteps == 666 { throw Refused() }
  }
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    for _ in 0..<(latentSteps % 4) { await Task.yield() }
    if latentSteps == 13 { throw Refused() }
    let row = [Float](repeating: 0, count: state.model.configuration.hiddenSize)
    for _ in 0..<latentSteps { state.feed(thought: row) }
  }
}

struct GenerateStage: Stage {
  enum Kept: String, OptionChoice, OptionElement { case all, latent }
  static let about = About(
    "Decodes text.", source: "Tacit", fidelity: .faithful, requires: [.prompt], provides: [.text])
  @Option("Upper bound.", 1...) var maxNewTokens = 256
  @Option("0 is greedy.", 0...) var temperature = 0.0
  @Option("Seed.", 0...) var seed: Int?
  @Option("Texts that end it.") var stop: [String]?
  @Option("Tokens that end it.") var stopIDs: [Int]?
  @Option("What stays in memory.") var keep = Kept.all
  @Option("What is shown.") var shows: [Kept] = []
  @Option("Repeats the prompt.") var echo = false
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    await Task.yield()
    try emit("the answer to \(state.question) is \(state.rowCount)", &state)
  }
}

struct LatentAgentStage: Stage {
  static let about = About(
    "One agent.", source: "arXiv:2511.20639", fidelity: .analogue, requires: [.prompt],
    provides: [.memory])
  @Option("Name of the agent.") var role: String
  @Option("Thoughts.", 0...) var latentSteps = 20
  func run(_ state: inout ReasoningState, in context: StageContext) async throws {}
}

struct SoftEmbeddingFeedback: Feedback, FeedbackSpan {
  static let about = About(
    "Mixes embeddings by probability.", source: "arXiv:2510.05069", fidelity: .analogue)
  @Option("Sharpness.", 0...10) var temperature = 1.0
  func row(_ thought: Thought) -> [Float] { thought.hidden }
}

struct GaussianNoiseRefiner: Refiner {
  static let about = About("Adds noise.", source: "Tacit", fidelity: .reconstruction)
  @Option("Standard deviation.", 0...) var scale = 0.1
  struct Span: RefinerSpan {
    func refine(_ row: [Float], _ thought: Thought) -> [Float] { row }
  }
  func begin(_ context: SpanContext) -> any RefinerSpan { Span() }
}

let testRegistry = registry([
  PromptStage.self, ChatStage.self, CoconutStage.self, GenerateStage.self, LatentAgentStage.self,
  SoftEmbeddingFeedback.self, GaussianNoiseRefiner.self,
])

/// A registry without plugins, in which every recipe fails, where a declaration is faulty.
private func registry(_ plugins: [any Plugin.Type]) -> PluginRegistry {
  (try? PluginRegistry(plugins)) ?? .empty
}
