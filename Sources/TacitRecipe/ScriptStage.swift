import TacitReasoning

/// A stage whose `run(state)` is written in the recipe.
///
/// Each sample runs as a coroutine of the pipeline's one script state. While it waits for the model
/// the state is free for other samples, so script stages are batched as Swift stages are.
struct ScriptStage: StageBody {
  private let script: DraftScript
  private let lua: LuaState

  init(_ script: DraftScript, state: LuaState) {
    self.script = script
    lua = state
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let memory = StateMemory(state.movedOut(), lua: lua)
    let sampleName = state.sampleName
    defer {
      if let last = memory.end() { state = last }
    }
    do {
      let values = try await lua.run(script.run, [.object(memory.root)])
      if let value = values.first {
        throw RecipeError(
          file: script.run.location.file, line: script.run.location.line,
          "run returns nothing, got \(value.described)",
          hint: "call state:finish(text) to end with a text")
      }
    } catch let error as RecipeError {
      let place = "in stage '\(script.name)' (\(context.index + 1) of \(context.count))"
      throw error.at(script.run.location).prefixed("\(place), sample \(sampleName): ")
    }
  }
}

extension RecipeError {
  /// The same error at a place, if it has none.
  func at(_ location: SourceLocation) -> RecipeError {
    guard file.isEmpty else { return self }
    return RecipeError(
      file: location.file, line: location.line, message, hint: hint, further: further,
      underlying: underlying)
  }
}
