import TacitFault
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
        throw Fault(
          script.run.location.file, line: script.run.location.line,
          message: "run returns nothing, got \(value.described)",
          hint: "call state:finish(text) to end with a text")
      }
    } catch let error as Fault {
      let place = "in stage '\(script.name)' (\(context.index + 1) of \(context.count))"
      var fault = error.prefixed("\(place), sample \(sampleName): ")
      if fault.place.isEmpty {
        (fault.place, fault.line) = (script.run.location.file, script.run.location.line)
      }
      throw fault
    }
  }
}
