/// Where something stands in a recipe.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// Path as the user gave it.
  public let file: String
  /// Line, from 1.
  public let line: Int

  /// A place in a file.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// "pipelines/coconut.lua:11".
  public var description: String { "\(file):\(line)" }
}

/// A plugin of the registry together with the options that a recipe gave it.
///
/// Options are checked when the recipe is loaded; every option with a default is present.
public struct ConfiguredPlugin: Sendable, Equatable {
  /// The plugin's declaration.
  public let manifest: PluginManifest
  /// Checked options by name.
  public let options: [String: OptionValue]
  /// Where the recipe names it; nil when Swift code made it.
  public let location: SourceLocation?

  /// Pairs a declaration with checked options.
  ///
  /// Defaults of the manifest fill what `options` leaves out.
  public init(
    manifest: PluginManifest, options: [String: OptionValue] = [:], location: SourceLocation? = nil
  ) {
    self.manifest = manifest
    self.location = location
    var filled = options
    for option in manifest.options where filled[option.name] == nil {
      filled[option.name] = option.defaultValue
    }
    self.options = filled
  }

  /// Two plugins are the same when name and options agree, wherever they stand.
  public static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.manifest.name == rhs.manifest.name && lhs.options == rhs.options
  }
}
