import TacitFault
import TacitReasoning

/// What a recipe sees as `state`.
final class StateHandle: LuaObject, @unchecked Sendable {
  let memory: StateMemory
  let number: Int
  /// The handle whose state this one shares; nil for a state of its own.
  private let parent: StateHandle?

  init(_ memory: StateMemory, _ number: Int, className: String = "tacit.State") {
    self.memory = memory
    self.number = number
    parent = nil
    super.init(className: className)
  }

  /// The random numbers of a state.
  init(drawingFrom parent: StateHandle) {
    memory = parent.memory
    number = parent.number
    self.parent = parent
    super.init(className: "tacit.Rng")
  }

  deinit {
    if parent == nil { memory.drop(number) }
  }
}

extension StateHandle {
  /// The stage that `state:think` runs, unless one of that very name is registered.
  static let thinkingStage = "coconut"

  /// The classes `tacit.State`, `tacit.Checkpoint` and `tacit.Rng`.
  static func classes(_ registry: PluginRegistry) -> [LuaClass] {
    var state = LuaClass(name: "tacit.State", methods: methods, getters: getters)
    for (name, manifest) in stageMethods(registry) {
      state.methods[name] = runner(manifest, name, registry)
    }
    state.methods["run"] = runStage(registry)
    return [
      state, LuaClass(name: "tacit.Checkpoint"), LuaClass(name: "tacit.Rng", methods: drawing),
    ]
  }

  /// The methods that run a stage: one for each of the registry, and `think`.
  static func stageMethods(_ registry: PluginRegistry) -> [(name: String, manifest: PluginManifest)]
  {
    let manifests = registry.manifests(of: .stage)
    var stages = manifests.map { (name: $0.name, manifest: $0) }
      .filter { methods[$0.name] == nil && getters[$0.name] == nil && $0.name != "run" }
    if !stages.contains(where: { $0.name == "think" }),
      let thinking = manifests.first(where: { $0.name == thinkingStage })
    {
      stages.append((name: "think", manifest: thinking))
    }
    return stages
  }

  // MARK: Receivers

  private static func receiver(
    _ call: LuaCall, _ name: String, className: String = "tacit.State"
  ) throws -> StateHandle {
    guard case .object(let object) = call[0], let handle = object as? StateHandle,
      handle.className == className
    else {
      throw Fault(message: "\(name) is called with a colon: \(name.replacingDot)(…)")
    }
    try handle.memory.check(call)
    return handle
  }

  private static func text(_ call: LuaCall, _ name: String) throws -> String {
    guard let text = call[1].string else {
      throw Fault(message: "state:\(name) expects a text, got \(call[1].described)")
    }
    return text
  }

  // MARK: Operations at once

  private static let methods: [String: HostFunction] = [
    "read": { call in
      let handle = try receiver(call, "state.read")
      if let text = call[1].string {
        try handle.memory.change(handle.number) { try $0.read(text: text) }
      } else if case .table(let table) = call[1], table.named.isEmpty {
        let ids = table.positional.compactMap(\.integer)
        guard ids.count == table.positional.count else {
          throw Fault(message: "state:read expects token ids that are integers")
        }
        try handle.memory.change(handle.number) { try $0.read(tokenIDs: ids) }
      } else {
        throw Fault(
          message: "state:read expects a text or a list of token ids, got \(call[1].described)")
      }
      return .nothing
    },
    "answer": { call in
      let handle = try receiver(call, "state.answer")
      let text = try text(call, "answer")
      let answer = try handle.memory.state(handle.number).answer(in: text)
      return .values([answer.map { .string($0) } ?? .none])
    },
    "finish": { call in
      let handle = try receiver(call, "state.finish")
      let text = try text(call, "finish")
      try handle.memory.change(handle.number) { $0.finish(text) }
      return .nothing
    },
    "note": { call in
      let handle = try receiver(call, "state.note")
      let text = try text(call, "note")
      try handle.memory.change(handle.number) { $0.note(["note": .string(text)]) }
      return .nothing
    },
    "checkpoint": { call in
      let handle = try receiver(call, "state.checkpoint")
      return .values([.object(try copy(handle, "tacit.Checkpoint"))])
    },
    "fork": { call in
      let handle = try receiver(call, "state.fork")
      return .values([.object(try copy(handle, "tacit.State"))])
    },
    "restore": { call in
      let handle = try receiver(call, "state.restore")
      guard case .object(let object) = call[1], let other = object as? StateHandle,
        other.className != "tacit.Rng"
      else {
        throw Fault(message: "state:restore expects a checkpoint, got \(call[1].described)")
      }
      try other.memory.check(call)
      let kept = try other.memory.state(other.number)
      try handle.memory.change(handle.number) { $0 = kept }
      return .nothing
    },
  ]

  private static func copy(_ handle: StateHandle, _ className: String) throws -> StateHandle {
    let state = try handle.memory.state(handle.number)
    return StateHandle(handle.memory, handle.memory.keep(state), className: className)
  }

  // MARK: Operations that wait for the model

  private static func runner(
    _ manifest: PluginManifest, _ name: String, _ registry: PluginRegistry
  ) -> HostFunction {
    { call in
      let handle = try receiver(call, "state.\(name)")
      let draft = try OptionBinding(manifest: manifest)
        .bind(call[1], at: call.location)
      return wait(handle, draft, registry)
    }
  }

  private static func runStage(_ registry: PluginRegistry) -> HostFunction {
    { call in
      let handle = try receiver(call, "state.run")
      guard let stages = call[1].part?.stages, stages.count == 1 else {
        throw Fault(message: "state:run expects one stage, got \(call[1].described)")
      }
      guard case .plugin(let draft) = stages[0] else {
        throw Fault(
          message: "state:run cannot run a stage written in the recipe",
          hint: "call its function instead")
      }
      return wait(handle, draft, registry)
    }
  }

  private static func wait(
    _ handle: StateHandle, _ draft: DraftPlugin, _ registry: PluginRegistry
  ) -> LuaReply {
    let plugin = draft.configured(holding: nil)
    return .wait {
      [.string(try await handle.memory.run(handle.number, plugin, registry))]
    }
  }

  // MARK: Fields

  private static let getters: [String: HostFunction] = [
    "question": field { .string($0.question) },
    "sample_id": field { .string($0.sampleName) },
    "text": field { .string($0.text) },
    "candidates": field { state in
      var table = LuaTable()
      table.positional = state.candidates.map { .string($0.text) }
      return .table(table)
    },
    "budget": field { state in
      let left = state.remainingBudget
      var table = LuaTable()
      table.named["positions"] = left.positions.map { .integer($0) }
      table.named["tokens"] = left.tokens.map { .integer($0) }
      return .table(table)
    },
    "rng": { call in
      let handle = try receiver(call, "state.rng")
      return .values([.object(StateHandle(drawingFrom: handle))])
    },
  ]

  private static func field(_ read: @escaping @Sendable (ReasoningState) -> LuaValue)
    -> HostFunction
  {
    { call in
      let handle = try receiver(call, "state.field")
      return .values([read(try handle.memory.state(handle.number))])
    }
  }

  private static let drawing: [String: HostFunction] = [
    "uniform": { call in
      let handle = try receiver(call, "rng.uniform", className: "tacit.Rng")
      return .values([.number(try handle.memory.change(handle.number) { $0.uniform() })])
    },
    "integer": { call in
      let handle = try receiver(call, "rng.integer", className: "tacit.Rng")
      guard let count = call[1].integer, count >= 1, count <= 1 << 53 else {
        throw Fault(
          message: "rng:integer expects an integer of 1 or more, got \(call[1].described)")
      }
      let draw = try handle.memory.change(handle.number) { $0.uniform() }
      return .values([.integer(1 + min(count - 1, Int(draw * Double(count))))])
    },
  ]
}

extension String {
  /// `state.read` as it should have been written: `state:read`.
  fileprivate var replacingDot: String {
    String(map { $0 == "." ? ":" : $0 })
  }
}
