import TacitFault

/// A stage, feedback or refiner that recipes can name.
///
/// Its options are properties declared with ``Option`` and ``OptionGroup``, and it has no others:
/// what it works out from them is computed.
public protocol Plugin: Configurable {
  /// What it is a plugin for.
  static var kind: PluginKind { get }
  /// What it says of itself.
  static var about: About { get }

  /// Finds what does not fit the models, before any sample runs.
  /// - Throws: ``Fault`` that says what is missing.
  func check(_ models: ReasoningModels) throws
}

/// What a plugin is for, in the order in which lists show them.
public enum PluginKind: String, Sendable, CaseIterable {
  case stage, feedback, refiner
}

extension Plugin {
  /// Name in recipes: "coconut" for `CoconutStage`.
  public static var name: String {
    if let name = about.name { return name }
    let type = "\(Self.self)"
    let ending = kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()
    return (type.hasSuffix(ending) ? String(type.dropLast(ending.count)) : type).snakeCased
  }

  /// The plugin as messages name it: "stage 'coconut'".
  static var subject: String { "\(kind.rawValue) '\(name)'" }

  /// By default every model will do.
  public func check(_ models: ReasoningModels) throws {}
}
