import Synchronization
import TacitFault
import TacitReasoning

/// The states of one run of a script stage: its own, its forks and its checkpoints.
///
/// Scripts hold numbered handles; the states, which own key/value memory, end with the run even if
/// the script keeps a handle.
final class StateMemory: Sendable {
  private struct Content {
    var states: [Int: ReasoningState] = [:]
    var nextNumber = 1
    var coroutine: ObjectIdentifier?
    var isEnded = false
  }

  private static let rootNumber = 0
  private let content: Mutex<Content>
  private let lua: LuaState

  init(_ state: ReasoningState, lua: LuaState) {
    content = Mutex(Content(states: [Self.rootNumber: state]))
    self.lua = lua
  }

  /// The handle that `run` receives.
  var root: StateHandle { StateHandle(self, Self.rootNumber) }

  /// Ends every handle; returns the run's own state as the script left it.
  func end() -> ReasoningState? {
    content.withLock { content in
      defer {
        content.states = [:]
        content.isEnded = true
      }
      return content.states[Self.rootNumber]
    }
  }

  /// Keeps a copy of a state under a new number.
  func keep(_ state: ReasoningState) -> Int {
    content.withLock { content in
      defer { content.nextNumber += 1 }
      content.states[content.nextNumber] = state
      return content.nextNumber
    }
  }

  /// Forgets a copy whose handle the script no longer holds.
  func drop(_ number: Int) {
    if number != Self.rootNumber { content.withLock { $0.states[number] = nil } }
  }

  /// Refuses handles of an ended run and of a sample other than the calling one.
  func check(_ call: LuaCall) throws {
    try content.withLock { content in
      if content.isEnded { throw Self.ended }
      if content.coroutine == nil { content.coroutine = call.coroutine }
      if content.coroutine != call.coroutine {
        throw Fault(message: "this state belongs to another sample, whose run is under way")
      }
    }
  }

  /// A copy to look at.
  func state(_ number: Int) throws -> ReasoningState {
    guard let state = content.withLock({ $0.states[number] }) else { throw Self.ended }
    return state
  }

  private static var ended: Fault {
    Fault(message: "this state is no longer alive: its run has ended")
  }

  /// Moves a state out while it changes, so that it is not shared and nothing is copied.
  private func take(_ number: Int) throws -> ReasoningState {
    guard let state = content.withLock({ $0.states.removeValue(forKey: number) }) else {
      throw Self.ended
    }
    return state
  }

  /// Changes a state in place.
  func change<Value: Sendable>(
    _ number: Int, _ body: (inout ReasoningState) throws -> Value
  ) throws -> Value {
    var state = try take(number)
    defer { put(state, number) }
    return try body(&state)
  }

  /// Runs a plugin on a state; the work is kept also when it fails half way.
  ///
  /// Copies that the script no longer holds are dropped first, so that peak memory is decided by
  /// the script and not by when Lua collects garbage, which other samples have a part in.
  func run(_ number: Int, _ plugin: ConfiguredPlugin, _ registry: PluginRegistry) async throws
    -> String
  {
    if content.withLock({ $0.states.count }) > 1 { lua.collectGarbage() }
    var state = try take(number)
    defer { put(state, number) }
    return try await state.run(plugin, registry: registry)
  }

  private func put(_ state: ReasoningState, _ number: Int) {
    content.withLock { content in
      if !content.isEnded { content.states[number] = state }
    }
  }
}
