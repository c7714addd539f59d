import TacitFault
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
    let stopID = try stopID(state.model)
    guard latentSteps > 0 else { return }
    var thoughts = try await state.thoughts(span)
    while thoughts.count < latentSteps {
      if thoughts.count > 0, let stopID, try await state.logits().argmax() == stopID { break }
      try await thoughts.next(&state)
    }
  }

  private func stopID(_ model: ReasoningModel) throws -> Int? {
    guard let stopToken else { return nil }
    guard let id = model.tokenizer.tokenID(stopToken) else {
      throw Fault(
        "stage 'think', option 'stop_token', model '\(model.located.name)'",
        expected: "a token of the model", found: "'\(stopToken)'")
    }
    return id
  }
}
