import OrderedCollections
import TacitCheckpoint

/// A value that a recipe gives to an option.
public indirect enum OptionValue: Sendable, Equatable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([OptionValue])
  case table(OrderedDictionary<String, OptionValue>)
  case plugin(ConfiguredPlugin)
  case plugins([ConfiguredPlugin])
  case function(RecipeFunction)
  case module(ModuleFile)
}

extension OptionValue {
  /// What it is, as a message says it: `"20" (string)`, `-3`, `a table`.
  var described: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(60))\" (string)"
    case .list, .plugins: "a list"
    case .table: "a table"
    case .plugin(let plugin): plugin.manifest.subject
    case .function: "a function"
    case .module(let module): module.path
    }
  }
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
