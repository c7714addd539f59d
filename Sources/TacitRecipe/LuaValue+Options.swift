import OrderedCollections
import TacitFault
import TacitReasoning

extension LuaValue {
  /// Plain data as the value of an option; names in alphabetical order, as Lua's tables have none.
  /// - Parameter path: Where it stands.
  /// - Returns: A list or a table for a table; one without elements is a list.
  /// - Throws: ``Fault`` for functions, objects and tables that are half a list.
  func plain(at path: String? = nil) throws(Fault) -> OptionValue {
    switch self {
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let value): return .string(value)
    case .none, .function, .object:
      throw Fault(option: path, expected: "plain data", found: described)
    case .table(let table) where table.named.isEmpty:
      var elements: [OptionValue] = []
      for (index, element) in table.positional.enumerated() {
        elements.append(try element.plain(at: "\(path ?? "")[\(index + 1)]"))
      }
      return .list(elements)
    case .table(let table):
      guard table.positional.isEmpty else {
        throw Fault(option: path, expected: "names only, or a list", found: "a table with both")
      }
      var members: OrderedDictionary<String, OptionValue> = [:]
      for (name, value) in table.named.sorted(by: { $0.key < $1.key }) {
        members[name] = try value.plain(at: path.map { "\($0).\(name)" } ?? name)
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
  /// - Throws: `Fault` for what is unknown, missing, mistyped or contradicts something else.
  init(_ argument: LuaValue, for function: String) throws {
    guard case .table = argument else {
      throw Fault(message: "\(function) takes a table, got \(argument.described)")
    }
    do throws(any Error) {
      switch try argument.plain() {
      case .table(let members): try self.init(options: members)
      case .list([]): try self.init(options: [:])
      default: throw Fault(expected: "options by name only", found: "a list")
      }
    } catch let fault as Fault where fault.place.isEmpty {
      throw fault.within(function)
    }
  }
}
