import OrderedCollections
import TacitJSON
import TacitTrain

/// Checks the table that a recipe passes to `tacit.training`.
enum TrainingBinding {
  private static let subject = "tacit.training"

  /// - Throws: `RecipeError` for unknown, missing and mistyped settings and contradictions.
  static func bind(_ argument: LuaValue) throws -> TrainingSettings {
    guard case .table = argument else {
      throw RecipeError("\(subject) takes a table, got \(argument.described)")
    }
    do throws(SettingError) {
      return try TrainingSettings(json(argument, at: ""))
    } catch {
      throw recipeError(error)
    }
  }

  private static func recipeError(_ error: SettingError) -> RecipeError {
    guard error.known.isEmpty else {
      let parts = error.path.split(separator: ".")
      let place = parts.dropLast().joined(separator: ".")
      let name = String(parts.last ?? "")
      return RecipeError(
        "unknown option '\(name)' for " + (place.isEmpty ? subject : "'\(place)' of \(subject)"),
        hint: Suggestion(names: error.known, noun: "options").hint(for: name))
    }
    return RecipeError(
      "option '\(error.path)' of \(subject)", expected: error.expected, got: error.found)
  }

  /// Plain data; keys in alphabetical order, as Lua's tables have none.
  private static func json(_ value: LuaValue, at path: String) throws(SettingError) -> JSON {
    switch value {
    case .none: return .null
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let value): return .string(value)
    case .function, .object:
      throw SettingError(path: path, expected: "plain data", found: value.described)
    case .table(let table) where table.named.isEmpty:
      var elements: [JSON] = []
      for (index, element) in table.positional.enumerated() {
        elements.append(try json(element, at: "\(path)[\(index + 1)]"))
      }
      return .array(elements)
    case .table(let table):
      guard table.positional.isEmpty else {
        throw SettingError(
          path: path, expected: "names only, or a list", found: "a table with both")
      }
      var members: OrderedDictionary<String, JSON> = [:]
      for (name, value) in table.named.sorted(by: { $0.key < $1.key }) {
        members[name] = try json(value, at: path.isEmpty ? name : "\(path).\(name)")
      }
      return .object(members)
    }
  }
}
