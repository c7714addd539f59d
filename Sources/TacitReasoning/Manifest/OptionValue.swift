import TacitCheckpoint

/// A value that a recipe gives to an option.
public indirect enum OptionValue: Sendable, Equatable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([OptionValue])
  case plugin(ConfiguredPlugin)
  case plugins([ConfiguredPlugin])
  case function(RecipeFunction)
  case module(ModuleFile)
}

/// A function written in a recipe that Swift code may call.
public struct RecipeFunction: Sendable, Equatable {
  /// Text that stands for the function in hashes and messages: "chat.lua:12".
  public let identity: String
  private let body: @Sendable ([RecipeValue]) throws -> RecipeValue

  /// Wraps a function.
  public init(
    identity: String, body: @escaping @Sendable ([RecipeValue]) throws -> RecipeValue
  ) {
    self.identity = identity
    self.body = body
  }

  /// Calls it.
  /// - Throws: what the function raised.
  public func callAsFunction(_ arguments: RecipeValue...) throws -> RecipeValue {
    try body(arguments)
  }

  /// Functions are the same when they stand at the same place.
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.identity == rhs.identity }
}

/// Plain data that crosses between a recipe and Swift.
public indirect enum RecipeValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([RecipeValue])
  case table([String: RecipeValue])
}

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
  public let manifest: StageManifest
  /// Checked options by name.
  public let options: [String: OptionValue]
  /// Where the recipe names it; nil when Swift code made it.
  public let location: SourceLocation?

  /// Pairs a declaration with checked options.
  ///
  /// Defaults of the manifest fill what `options` leaves out.
  public init(
    manifest: StageManifest, options: [String: OptionValue] = [:], location: SourceLocation? = nil
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
