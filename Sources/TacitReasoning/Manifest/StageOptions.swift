import TacitCheckpoint

/// The checked options of one plugin, read by name.
///
/// Reading an option that the manifest does not declare, or as another kind, is a programming
/// error and stops the program: everything a recipe can get wrong was refused when it was loaded.
public struct StageOptions: Sendable {
  /// What the recipe configured.
  public let plugin: ConfiguredPlugin
  private let registry: PluginRegistry

  /// Options of a plugin; feedbacks and refiners among them are made through the registry.
  public init(_ plugin: ConfiguredPlugin, registry: PluginRegistry) {
    self.plugin = plugin
    self.registry = registry
  }

  /// A whole number with a default.
  public func integer(_ name: String) -> Int { require(name, optionalInteger(name)) }

  /// A whole number, or nil when unset.
  public func optionalInteger(_ name: String) -> Int? {
    switch value(name) {
    case .integer(let value): value
    case nil: nil
    default: mismatch(name)
    }
  }

  /// A number with a default.
  public func number(_ name: String) -> Double { require(name, optionalNumber(name)) }

  /// A number, or nil when unset.
  public func optionalNumber(_ name: String) -> Double? {
    switch value(name) {
    case .number(let value): value
    case .integer(let value): Double(value)
    case nil: nil
    default: mismatch(name)
    }
  }

  /// A switch.
  public func boolean(_ name: String) -> Bool {
    guard case .boolean(let value) = value(name) else { mismatch(name) }
    return value
  }

  /// A text with a default.
  public func string(_ name: String) -> String { require(name, optionalString(name)) }

  /// A text, or nil when unset.
  public func optionalString(_ name: String) -> String? {
    switch value(name) {
    case .string(let value): value
    case nil: nil
    default: mismatch(name)
    }
  }

  /// A list of whole numbers, or nil when unset.
  public func integers(_ name: String) -> [Int]? {
    guard let elements = list(name) else { return nil }
    return elements.map { if case .integer(let value) = $0 { value } else { mismatch(name) } }
  }

  /// A list of texts, or nil when unset.
  public func strings(_ name: String) -> [String]? {
    guard let elements = list(name) else { return nil }
    return elements.map { if case .string(let value) = $0 { value } else { mismatch(name) } }
  }

  /// A function, or nil when unset.
  public func function(_ name: String) -> RecipeFunction? {
    switch value(name) {
    case .function(let function): function
    case nil: nil
    default: mismatch(name)
    }
  }

  /// The file of a trained part, or nil when unset.
  public func module(_ name: String) -> ModuleFile? {
    switch value(name) {
    case .module(let module): module
    case nil: nil
    default: mismatch(name)
    }
  }

  /// The feedback of an option; the raw hidden state when unset.
  /// - Throws: what the plugin's initialiser throws.
  public func feedback(_ name: String = "feedback") throws -> any Feedback {
    switch value(name) {
    case .plugin(let plugin): try registry.makeFeedback(plugin)
    case nil: HiddenStateFeedback()
    default: mismatch(name)
    }
  }

  /// The refiners of an option, in order.
  /// - Throws: what a plugin's initialiser throws.
  public func refiners(_ name: String = "refine") throws -> [any Refiner] {
    guard case .plugins(let plugins) = value(name) else { mismatch(name) }
    return try plugins.map { try registry.makeRefiner($0) }
  }

  /// The stages of a required option, in order.
  /// - Throws: what a stage's initialiser throws.
  public func stages(_ name: String) throws -> [PipelineStage] {
    guard case .plugins(let plugins) = value(name) else { mismatch(name) }
    return try plugins.map { try PipelineStage($0, registry: registry) }
  }

  private func list(_ name: String) -> [OptionValue]? {
    switch value(name) {
    case .list(let elements): elements
    case nil: nil
    default: mismatch(name)
    }
  }

  private func value(_ name: String) -> OptionValue? {
    precondition(
      plugin.manifest.options.contains { $0.name == name },
      "'\(plugin.manifest.name)' declares no option '\(name)'")
    return plugin.options[name]
  }

  private func require<Value>(_ name: String, _ value: Value?) -> Value {
    guard let value else {
      preconditionFailure("option '\(name)' of '\(plugin.manifest.name)' has no default")
    }
    return value
  }

  private func mismatch(_ name: String) -> Never {
    preconditionFailure("option '\(name)' of '\(plugin.manifest.name)' is of another kind")
  }
}
