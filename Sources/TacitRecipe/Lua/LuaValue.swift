import Synchronization
import TacitFault
import TacitReasoning

/// A value that crosses between a script and Swift; tables are copied.
enum LuaValue: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case table(LuaTable)
  case function(LuaFunction)
  case object(LuaObject)
}

/// A copy of a table: values at 1, 2, … and values by name.
struct LuaTable: Sendable {
  var positional: [LuaValue] = []
  var named: [String: LuaValue] = [:]
}

/// A Swift object that scripts hold; subclasses are what a class of the state is about.
class LuaObject: @unchecked Sendable {
  /// Name of the class, as it was defined in the state.
  let className: String

  init(className: String) {
    self.className = className
  }
}

/// A reference to a function of a script.
///
/// It does not keep the state alive.
final class LuaFunction: Sendable {
  /// Where the function is written.
  let location: SourceLocation
  let reference: Int32
  private let state: WeakState

  init(reference: Int32, location: SourceLocation, state: WeakState) {
    self.reference = reference
    self.location = location
    self.state = state
  }

  deinit {
    state.value?.dropLater(reference)
  }

  /// Calls the function on this thread; it may not wait for the model.
  /// - Throws: `Fault` for what the function raises and when its state is gone.
  func call(_ arguments: [LuaValue]) throws -> [LuaValue] {
    guard let state = state.value else {
      throw Fault(
        location.file, line: location.line, message: "the recipe of this function is closed")
    }
    return try state.call(self, arguments)
  }
}

/// Breaks the cycle state → heap → object → function → state.
final class WeakState: Sendable {
  private let reference = Mutex<Reference>(Reference())

  private struct Reference: Sendable {
    weak var state: LuaState?
  }

  var value: LuaState? {
    get { reference.withLock { $0.state } }
    set { reference.withLock { $0.state = newValue } }
  }
}

extension LuaValue {
  /// What it is, in an error message: `"20" (string)`, `-3`, `a table`.
  var described: String {
    switch self {
    case .none: "nil"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(60))\" (string)"
    case .table: "a table"
    case .function: "a function"
    case .object(let object): "a \(object.className)"
    }
  }

  /// Whole numbers, also those that arithmetic made floating: 10 / 2.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// Finite numbers.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value) where value.isFinite: value
    default: nil
    }
  }

  /// Text.
  var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// Data for a Swift stage; nil for functions and objects.
  var recipeValue: RecipeValue? {
    switch self {
    case .none: return .null
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let value): return .string(value)
    case .function, .object: return nil
    case .table(let table) where table.named.isEmpty:
      let values = table.positional.compactMap(\.recipeValue)
      return values.count == table.positional.count ? .list(values) : nil
    case .table(let table):
      let values = table.named.compactMapValues(\.recipeValue)
      let isPlain = table.positional.isEmpty && values.count == table.named.count
      return isPlain ? .table(values) : nil
    }
  }

  /// Data from a Swift stage.
  init(_ value: RecipeValue) {
    switch value {
    case .null: self = .none
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .list(let values): self = .table(LuaTable(positional: values.map { LuaValue($0) }))
    case .table(let values): self = .table(LuaTable(named: values.mapValues { LuaValue($0) }))
    }
  }
}
