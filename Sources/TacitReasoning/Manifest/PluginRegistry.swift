import TacitFault

/// Every stage, feedback and refiner that recipes can name.
///
/// The built-in ones are listed by a file that the StageIndex plugin generates from the folder
/// Plugins/ at each build; a package of a user's own adds its types in the same way.
public struct PluginRegistry: Sendable {
  /// No plugins at all, for options that are plain data.
  public static let empty = PluginRegistry(manifests: [], types: [:])

  /// What all plugins are: stages, then feedbacks, then refiners, each sorted by name.
  public let manifests: [PluginManifest]
  private let types: [String: any Plugin.Type]

  private init(manifests: [PluginManifest], types: [String: any Plugin.Type]) {
    self.manifests = manifests
    self.types = types
  }

  /// A registry of these types; the raw hidden state is always among them.
  /// - Throws: ``Fault`` for a faulty declaration and two plugins of one name.
  public init(_ plugins: [any Plugin.Type]) throws(Fault) {
    var manifests: [PluginManifest] = []
    var types: [String: any Plugin.Type] = [:]
    for type in plugins + [HiddenStateFeedback.self] {
      let manifest = try PluginManifest(type)
      if let other = types.updateValue(type, forKey: manifest.name) {
        throw Fault(
          "\(type)", message: "\(other) has the name '\(manifest.name)', too",
          hint: "give one of them another: About(…, name: \"…\")")
      }
      manifests.append(manifest)
    }
    let order = PluginKind.allCases
    self.manifests = order.flatMap { kind in
      manifests.filter { $0.kind == kind }.sorted { $0.name < $1.name }
    }
    self.types = types
  }

  /// The plugins of one kind, sorted by name.
  public func manifests(of kind: PluginKind) -> [PluginManifest] {
    manifests.filter { $0.kind == kind }
  }

  /// What the plugin of this name is; nil if there is none.
  public func manifest(named name: String) -> PluginManifest? {
    manifests.first { $0.name == name }
  }

  /// Makes a plugin that a recipe configured.
  /// - Throws: ``Fault`` for options that do not fit, and what the plugin's `validate`
  ///   throws.
  public func make(_ plugin: ConfiguredPlugin) throws -> any Plugin {
    guard let type = types[plugin.manifest.name] else {
      throw Fault(plugin.manifest.subject, expected: "a plugin of the registry", found: "none")
    }
    do throws(any Error) {
      return try type.init(options: plugin.options, registry: self)
    } catch let fault as Fault where fault.place.isEmpty {
      throw fault.within(plugin.manifest.subject)
    }
  }

  /// Makes a stage; errors are those of ``make(_:)``.
  public func makeStage(_ plugin: ConfiguredPlugin) throws -> any Stage {
    try cast(make(plugin), plugin)
  }

  /// Makes a feedback; errors are those of ``make(_:)``.
  public func makeFeedback(_ plugin: ConfiguredPlugin) throws -> any Feedback {
    try cast(make(plugin), plugin)
  }

  /// Makes a refiner; errors are those of ``make(_:)``.
  public func makeRefiner(_ plugin: ConfiguredPlugin) throws -> any Refiner {
    try cast(make(plugin), plugin)
  }

  private func cast<Kind>(_ made: any Plugin, _ plugin: ConfiguredPlugin) throws -> Kind {
    guard let made = made as? Kind else {
      throw Fault(plugin.manifest.subject, expected: "\(Kind.self)", found: "another kind")
    }
    return made
  }
}
