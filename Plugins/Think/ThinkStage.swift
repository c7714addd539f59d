import TacitReasoning
import TacitTensor

/// Thinks in latent rows without any markers around them, on any checkpoint.
///
/// The first thought is made from the state after the prompt. With a stop token the model itself
/// may end the span: the token is looked for after every thought, and is neither fed nor emitted.
struct ThinkStage: Stage {
  static let manifest = StageManifest(
    name: "think", summary: "Thinks in latent rows without markers, on any checkpoint.",
    source: "Tacit", fidelity: .faithful, requires: [.prompt], provides: [.hidden, .memory],
    options: [
      .integer("latent_steps", default: 6, in: 0...4096, "Thoughts; at most, with a stop token."),
      .string(
        "stop_token", "Ends the span after a thought that makes this token the most probable one."),
      .feedback,
      .refine,
    ])

  private let steps: Int
  private let stopToken: String?
  private let span: LatentSpan

  init(options: StageOptions) throws {
    steps = options.integer("latent_steps")
    stopToken = options.optionalString("stop_token")
    span = try LatentSpan(options)
  }

  func check(_ models: ReasoningModels) throws {
    _ = try stopID(models.main)
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    guard let stopID = try stopID(state.model) else {
      return try await state.think(steps: steps, span)
    }
    var open = try await state.open(span)
    for step in 0..<steps {
      if step > 0, try await state.logits().argmax() == stopID { break }
      let thought = try await state.thought(
        step: step, previousRow: open.previousRow,
        needsLogits: type(of: span.feedback).needsLogits)
      let row = try await open.refine(try await span.feedback.row(thought), thought)
      state.feed(thought: row, madeOf: thought)
    }
  }

  private func stopID(_ model: ReasoningModel) throws -> Int? {
    guard let stopToken else { return nil }
    guard let id = model.tokenizer.tokenID(stopToken) else {
      throw ReasoningError(
        location: "stage 'think', option 'stop_token', model '\(model.located.name)'",
        expected: "a token of the model", found: "'\(stopToken)'")
    }
    return id
  }
}
