import TacitReasoning
import TacitTensor

/// Thinks in latent rows without any markers around them, on any checkpoint.
///
/// The first thought is made from the state after the prompt. With a stop token the model itself
/// may end the span: the token is looked for after every thought, and is neither fed nor emitted.
struct ThinkStage: Stage {
  static let about = About(
    "Thinks in latent rows without markers, on any checkpoint.", source: "Tacit",
    fidelity: .faithful, requires: [.prompt], provides: [.hidden, .memory])

  @Option("Thoughts; at most, with a stop token.", 0...4096) var latentSteps = 6
  @Option("Ends the span after a thought that makes this token the most probable one.")
  var stopToken: String?
  @OptionGroup var span = LatentSpan()

  func check(_ models: ReasoningModels) throws {
    _ = try stopID(models.main)
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    guard let stopID = try stopID(state.model) else {
      return try await state.think(steps: latentSteps, span)
    }
    var open = try await state.open(span)
    for step in 0..<latentSteps {
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
