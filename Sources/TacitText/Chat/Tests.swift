import TacitFault

/// The tests that `is` knows.
enum ValueTest: String, CaseIterable, Sendable {
  case boolean, callable, defined, divisibleby, even, `false`, filter, float, `in`, integer
  case iterable, lower, mapping, `none`, number, odd, sameas, sequence, string, `true`
  case undefined, upper
  case equal = "eq"
  case notEqual = "ne"
  case less = "lt"
  case lessOrEqual = "le"
  case greater = "gt"
  case greaterOrEqual = "ge"

  private static let aliases: [String: ValueTest] = [
    "equalto": .equal, "==": .equal, "!=": .notEqual, "<": .less, "lessthan": .less,
    "<=": .lessOrEqual, ">": .greater, "greaterthan": .greater, ">=": .greaterOrEqual,
  ]

  init?(name: String) {
    guard let test = ValueTest(rawValue: name) ?? Self.aliases[name] else { return nil }
    self = test
  }

  fileprivate var comparison: ComparisonOperator? {
    switch self {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .in: .contained
    default: nil
    }
  }
}

extension Interpreter {
  func run(_ test: ValueTest, on value: Value, _ arguments: Arguments) throws(Fault)
    -> Bool
  {
    var arguments = arguments
    if let comparison = test.comparison {
      let other = try arguments.required("other")
      try arguments.finish()
      return try operators.compare(value, comparison, other)
    }
    switch test {
    case .divisibleby, .even, .odd: return try isDivisible(value, test, &arguments)
    case .sameas: return try isSame(value, &arguments)
    case .filter:
      try arguments.finish()
      return value.string.flatMap(Filter.init(name:)) != nil
    case .lower, .upper:
      try arguments.finish()
      return try hasCase(value, test)
    default:
      try arguments.finish()
      return isOfKind(value, test)
    }
  }

  private func isDivisible(_ value: Value, _ test: ValueTest, _ arguments: inout Arguments)
    throws(Fault) -> Bool
  {
    let divisor: Value = test == .divisibleby ? try arguments.required("num") : .integer(2)
    try arguments.finish()
    let remainder = try operators.apply(.remainder, value, divisor)
    return try operators.areEqual(remainder, .integer(test == .odd ? 1 : 0))
  }

  /// Identity is defined for none and Booleans only: Python's answer for others is an accident.
  private func isSame(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> Bool
  {
    let other = try arguments.required("other")
    try arguments.finish()
    switch (value, other) {
    case (.none, .none): return true
    case (.boolean(let left), .boolean(let right)): return left == right
    case (.none, _), (_, .none), (.boolean, _), (_, .boolean): return false
    default: throw .unsupported("the test 'sameas' of \(value.kind)")
    }
  }

  private func hasCase(_ value: Value, _ test: ValueTest) throws(Fault) -> Bool {
    let text = try operators.text(of: value)
    try budget.spend(bytes: text.utf8.count)
    let string = PythonString(text)
    let changed = test == .lower ? string.lowercased : string.uppercased
    let other = test == .lower ? string.uppercased : string.lowercased
    return changed.isSame(as: text) && !other.isSame(as: text)
  }

  private func isOfKind(_ value: Value, _ test: ValueTest) -> Bool {
    switch (test, value) {
    case (.defined, _): !value.isUndefined
    case (.undefined, .undefined), (.none, .none): true
    case (.boolean, .boolean), (.integer, .integer), (.float, .float): true
    case (.true, .boolean(let value)): value
    case (.false, .boolean(let value)): !value
    case (.number, .boolean), (.number, .integer), (.number, .float): true
    case (.string, .string), (.string, .markup), (.mapping, .dictionary): true
    case (.callable, .function), (.callable, .macro), (.callable, .method): true
    case (.callable, .undefined), (.callable, .loop): true
    case (.iterable, .view), (.iterable, .iterator), (.iterable, .loop): true
    case (.iterable, .undefined), (.iterable, .string), (.iterable, .markup), (.iterable, .list),
      (.iterable, .tuple), (.iterable, .dictionary), (.iterable, .range):
      true
    case (.sequence, .undefined), (.sequence, .string), (.sequence, .markup), (.sequence, .list),
      (.sequence, .tuple), (.sequence, .dictionary), (.sequence, .range):
      true
    default: false
    }
  }
}
