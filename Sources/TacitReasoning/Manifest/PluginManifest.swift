import TacitFault

/// What a plugin is, read from its type; everything else is derived from it.
///
/// Option checking, composition checking, `tacit list stages`, the Lua constructor, the editor
/// stubs and the hash of a run all read this value and nothing else.
public struct PluginManifest: Sendable, Equatable {
  /// What it is a plugin for.
  public let kind: PluginKind
  /// Name in recipes, in snake case.
  public let name: String
  /// One sentence: what it does.
  public let summary: String
  /// Where the method comes from: paper and section, or "Tacit" for our own.
  public let source: String
  /// How close this is to the published method.
  public let fidelity: Fidelity
  /// What earlier stages must have provided.
  public let requires: Set<Capability>
  /// What later stages may rely on.
  public let provides: Set<Capability>
  /// Options of a short call that works on any model.
  public let example: [String: OptionValue]
  /// Every option, in the order in which help lists them.
  public let options: [OptionSpecification]

  /// Reads the declarations of a type.
  /// - Throws: ``Fault`` for a property that is no option, two options of one name, a
  ///   default that its option would refuse, and an example of options that do not exist.
  public init(_ type: any Plugin.Type) throws(Fault) {
    let options = try OptionReflection(type.init()).options.map(\.specification)
    self.init(kind: type.kind, name: type.name, about: type.about, options: options)
    let names = options.map(\.name)
    if let unknown = example.keys.filter({ !names.contains($0) }).min() {
      throw Fault("\(type)", message: "its example has no option '\(unknown)'")
    }
  }

  /// Describes a plugin without its type.
  public init(
    kind: PluginKind, name: String, about: About, options: [OptionSpecification] = []
  ) {
    self.kind = kind
    self.name = name
    summary = about.summary
    source = about.source
    fidelity = about.fidelity
    requires = about.requires
    provides = about.provides
    example = about.example
    self.options = options
  }

  /// The plugin as messages name it: "stage 'coconut'".
  public var subject: String { "\(kind.rawValue) '\(name)'" }
}
