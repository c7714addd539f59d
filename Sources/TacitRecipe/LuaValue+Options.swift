import OrderedCollections
import TacitReasoning

extension LuaValue {
  /// Plain data as the value of an option; names in alphabetical order, as Lua's tables have none.
  /// - Parameter path: Where it stands.
  /// - Returns: A list or a table for a table; one without elements is a list.
  /// - Throws: ``OptionError`` for functions, objects and tables that are half a list.
  func plain(at path: String = "") throws(OptionError) -> OptionValue {
    switch self {
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let value): return .string(value)
    case .none, .function, .object:
      throw OptionError(path, expected: "plain data", found: described)
    case .table(let table) where table.named.isEmpty:
      var elements: [OptionValue] = []
      for (index, element) in table.positional.enumerated() {
        elements.append(try element.plain(at: "\(path)[\(index + 1)]"))
      }
      return .list(elements)
    case .table(let table):
      guard table.positional.isEmpty else {
        throw OptionError(path, expected: "names only, or a list", found: "a table with both")
      }
      var members: OrderedDictionary<String, OptionValue> = [:]
      for (name, value) in table.named.sorted(by: { $0.key < $1.key }) {
        members[name] = try value.plain(at: path.isEmpty ? name : "\(path).\(name)")
      }
      return .table(members)
    }
  }
}

extension Configurable {
  /// Makes something of the table of plain data that a recipe passes to a function.
  /// - Parameters:
  ///   - argument: What the recipe passes.
  ///   - function: The function's name, for messages.
  /// - Throws: `RecipeError` for what is unknown, missing, mistyped or contradicts something else.
  init(_ argument: LuaValue, for function: String) throws {
    guard case .table = argument else {
      throw RecipeError("\(function) takes a table, got \(argument.described)")
    }
    do throws(any Error) {
      let value = try argument.plain()
      if case .table(let members) = value {
        try self.init(options: members)
      } else if value == .list([]) {
        try self.init(options: [:])
      } else {
        throw RecipeError("\(function) takes options by name only, got a list")
      }
    } catch let error as OptionError {
      throw RecipeError(error, of: function)
    }
  }
}

extension RecipeError {
  /// A fault of one of the options of a function.
  fileprivate init(_ error: OptionError, of function: String) {
    guard !error.known.isEmpty else {
      self.init(
        "option '\(error.path)' of \(function)", expected: error.expected, got: error.found)
      return
    }
    let parts = error.path.split(separator: ".")
    let place = parts.dropLast().joined(separator: ".")
    let name = String(parts.last ?? "")
    self.init(
      "unknown option '\(name)' for " + (place.isEmpty ? function : "'\(place)' of \(function)"),
      hint: Suggestion(names: error.known, noun: "options").hint(for: name))
  }
}
