/// Every stage, feedback and refiner that recipes can name.
///
/// The built-in ones are listed by a file that the StageIndex plugin generates from the folder
/// Plugins/ at each build; a package of a user's own adds its types in the same way.
public struct PluginRegistry: Sendable {
  /// Stages by name.
  public let stages: [any Stage.Type]
  /// Feedbacks by name.
  public let feedbacks: [any Feedback.Type]
  /// Refiners by name.
  public let refiners: [any Refiner.Type]

  /// A registry of these types, sorted by name; the raw hidden state is always among them.
  ///
  /// Two plugins of one name are a programming error.
  public init(
    stages: [any Stage.Type], feedbacks: [any Feedback.Type] = [],
    refiners: [any Refiner.Type] = []
  ) {
    self.stages = stages.sorted { $0.manifest.name < $1.manifest.name }
    self.feedbacks = (feedbacks + [HiddenStateFeedback.self]).sorted {
      $0.manifest.name < $1.manifest.name
    }
    self.refiners = refiners.sorted { $0.manifest.name < $1.manifest.name }
    let names = manifests.map(\.name)
    precondition(Set(names).count == names.count, "two plugins have one name: \(names.sorted())")
  }

  /// The declarations of all plugins: stages, then feedbacks, then refiners.
  public var manifests: [StageManifest] {
    stages.map { $0.manifest } + feedbacks.map { $0.manifest } + refiners.map { $0.manifest }
  }

  /// Makes the stage that a recipe configured.
  /// - Throws: what the stage's initialiser throws.
  public func makeStage(_ plugin: ConfiguredPlugin) throws -> any Stage {
    let type = named(plugin.manifest.name, in: stages) { $0.manifest.name }
    return try type.init(options: StageOptions(plugin, registry: self))
  }

  /// Makes the feedback that a recipe configured.
  /// - Throws: what the feedback's initialiser throws.
  public func makeFeedback(_ plugin: ConfiguredPlugin) throws -> any Feedback {
    let type = named(plugin.manifest.name, in: feedbacks) { $0.manifest.name }
    return try type.init(options: StageOptions(plugin, registry: self))
  }

  /// Makes the refiner that a recipe configured.
  /// - Throws: what the refiner's initialiser throws.
  public func makeRefiner(_ plugin: ConfiguredPlugin) throws -> any Refiner {
    let type = named(plugin.manifest.name, in: refiners) { $0.manifest.name }
    return try type.init(options: StageOptions(plugin, registry: self))
  }

  private func named<Type>(_ name: String, in types: [Type], _ key: (Type) -> String) -> Type {
    guard let type = types.first(where: { key($0) == name }) else {
      preconditionFailure("no plugin '\(name)' is registered")
    }
    return type
  }
}
