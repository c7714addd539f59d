import Synchronization
import TacitFault
import TacitReasoning
import TacitTrain

/// What `require "tacit"` returns: constructors, `param` and `version`.
final class RecipeModule: Sendable {
  static let reservedNames = ["param", "pipeline", "sequence", "stage", "training", "version"]

  private let registry: PluginRegistry
  private let parameters: RecipeParameters
  private let isClosed = Atomic(false)

  init(registry: PluginRegistry, parameters: RecipeParameters) {
    self.registry = registry
    self.parameters = parameters
  }

  /// Ends loading: from now on only plugins may be constructed.
  func close() {
    isClosed.store(true, ordering: .relaxed)
  }

  /// Defines the module in a state.
  func install(in state: LuaState) throws {
    let parameters = parameters
    var functions: [String: HostFunction] = [
      "param": { try parameters.declare($0) },
      "stage": loading("stage", makeScript),
      "sequence": loading("sequence", makeSequence),
      "pipeline": loading("pipeline", makePipeline),
      "training": loading("training") { call in
        RecipePart(.training(try TrainingSettings(call[0], for: "tacit.training")))
      },
    ]
    for manifest in registry.manifests {
      guard !Self.reservedNames.contains(manifest.name) else {
        throw Fault(message: "\(manifest.subject) has a name of the recipe language")
      }
      functions[manifest.name] = { [registry] call in
        try Self.construct(manifest, call, registry)
      }
    }
    let names = (functions.keys + ["version"]).sorted()
    try state.define(module: "tacit", functions: functions, objects: ["version": RecipeVersion()]) {
      let name = $0[1].string ?? $0[1].described
      throw Fault(
        message: "unknown name 'tacit.\(name)'",
        hint: Suggestion(names: names, noun: "names").hint(for: name))
    }
  }

  private func loading(
    _ name: String, _ make: @escaping @Sendable (LuaCall) throws -> RecipePart
  ) -> HostFunction {
    { [self] call in
      if isClosed.load(ordering: .relaxed) {
        throw Fault(message: "tacit.\(name) can only be called while the recipe loads")
      }
      return .values([.object(try make(call))])
    }
  }

  // MARK: Constructors

  /// Answers a call of a plugin's constructor.
  ///
  /// The plugin is made once here, so that what it refuses is reported at this line and not when
  /// the pipeline runs.
  private static func construct(
    _ manifest: PluginManifest, _ call: LuaCall, _ registry: PluginRegistry
  ) throws -> LuaReply {
    let draft = try OptionBinding(manifest: manifest).bind(call[0], at: call.location)
    _ = try registry.make(draft.configured(holding: nil))
    let content: RecipePart.Content =
      switch manifest.kind {
      case .stage: .stages([.plugin(draft)])
      case .feedback: .feedback(draft)
      case .refiner: .refiner(draft)
      }
    return .values([.object(RecipePart(content))])
  }

  @Sendable private func makeScript(_ call: LuaCall) throws -> RecipePart {
    let table = try Self.table(call, "tacit.stage", keys: ["name", "requires", "provides", "run"])
    if let first = table.positional.first {
      throw Fault(
        message: "tacit.stage takes options by name only, got \(first.described) at position 1")
    }
    let name = try Self.name(table, "tacit.stage")
    guard case .function(let run)? = table.named["run"] else {
      throw Fault(
        "option 'run' of stage '\(name)'", expected: "a function",
        got: (table.named["run"] ?? .none).described,
        hint: "write run = function(state) … end")
    }
    let draft = DraftScript(
      name: name, requires: try Self.capabilities("requires", table, name),
      provides: try Self.capabilities("provides", table, name), run: run, location: call.location)
    return RecipePart(.stages([.script(draft)]))
  }

  @Sendable private func makeSequence(_ call: LuaCall) throws -> RecipePart {
    let table = try Self.table(call, "tacit.sequence", keys: [])
    return RecipePart(.stages(try Self.stages(table, "tacit.sequence")))
  }

  @Sendable private func makePipeline(_ call: LuaCall) throws -> RecipePart {
    let table = try Self.table(call, "tacit.pipeline", keys: PipelineSettings.keys)
    let name = try Self.name(table, "tacit.pipeline")
    let settings = try PipelineSettings(name: name, options: table.named)
    let stages = try Self.stages(table, "pipeline '\(name)'")
    return RecipePart(.pipeline(settings, stages: stages))
  }

  // MARK: Tables

  private static func table(_ call: LuaCall, _ subject: String, keys: [String]) throws -> LuaTable {
    guard case .table(let table) = call[0] else {
      throw Fault(message: "\(subject) takes a table, got \(call[0].described)")
    }
    if let unknown = table.named.keys.filter({ !keys.contains($0) }).min() {
      throw Fault(
        message: "unknown option '\(unknown)' for \(subject)",
        hint: Suggestion(names: keys, noun: "options").hint(for: unknown))
    }
    return table
  }

  private static func name(_ table: LuaTable, _ subject: String) throws -> String {
    let value = table.named["name"] ?? .none
    // Run folders are called by it.
    guard let name = value.string, !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix("."),
      name.utf8.allSatisfy(isNameByte)
    else {
      throw Fault(
        message: "option 'name' of \(subject): expected letters, digits, '_', '-' and '.', got "
          + value.described)
    }
    return name
  }

  private static func stages(_ table: LuaTable, _ subject: String) throws -> [DraftStage] {
    var stages: [DraftStage] = []
    for (index, value) in table.positional.enumerated() {
      guard let part = value.part?.stages else {
        throw Fault(
          message: "\(subject): expected a stage at position \(index + 1), got \(value.described)")
      }
      stages += part
    }
    if stages.isEmpty { throw Fault(message: "\(subject) has no stages") }
    // Sequences of sequences double with each nesting.
    guard stages.count <= 10_000 else {
      throw Fault(message: "\(subject) has more than 10000 stages")
    }
    return stages
  }

  private static func capabilities(
    _ key: String, _ table: LuaTable, _ stage: String
  ) throws -> Set<Capability> {
    guard let value = table.named[key] else { return [] }
    let subject = "option '\(key)' of stage '\(stage)'"
    guard case .table(let list) = value, list.named.isEmpty else {
      throw Fault(message: "\(subject): expected a list of capabilities, got \(value.described)")
    }
    let all = Suggestion(names: Capability.allCases.map(\.rawValue), noun: "capabilities")
    return Set(
      try list.positional.map { value in
        guard let capability = value.string.flatMap(Capability.init(rawValue:)) else {
          throw Fault(
            message: "\(subject): \(value.described) is not a capability",
            hint: all.hint(for: value.string ?? ""))
        }
        return capability
      })
  }
}

/// `tacit.version`: the version of the recipe language.
final class RecipeVersion: LuaObject, @unchecked Sendable {
  static let number = [0, 1, 0]

  static let definition = LuaClass(
    name: "tacit.Version",
    methods: [
      "require": { call in
        let parts = call[1].string?.split(separator: ".", omittingEmptySubsequences: false)
        let wanted = parts?.compactMap { Int($0) } ?? []
        guard wanted.count == parts?.count, (1...3).contains(wanted.count) else {
          throw Fault(
            message:
              "tacit.version:require expects a version such as \"0.1\", got \(call[1].described)")
        }
        guard !number.lexicographicallyPrecedes(wanted) else {
          throw Fault(message: "this recipe needs Tacit \(call[1].string ?? ""), this is \(text)")
        }
        return .nothing
      }
    ],
    getters: ["text": { _ in .values([.string(text)]) }])

  private static var text: String { number.map { "\($0)" }.joined(separator: ".") }

  init() {
    super.init(className: Self.definition.name)
  }
}

private func isNameByte(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
}
