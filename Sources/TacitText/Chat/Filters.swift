import OrderedCollections
import TacitFault

/// The filters that `|` knows.
enum Filter: String, CaseIterable, Sendable {
  case abs, capitalize, count, `default`, dictsort, escape, first, float, indent, int, items, join
  case last, list, lower, map, max, min, reject, rejectattr, replace, reverse, round, safe, select
  case selectattr, sort, string, sum, title, tojson, trim, unique, upper

  private static let aliases: [String: Filter] = [
    "d": .default, "e": .escape, "length": .count,
  ]

  init?(name: String) {
    guard let filter = Filter(rawValue: name) ?? Self.aliases[name] else { return nil }
    self = filter
  }
}

extension Interpreter {
  func apply(_ filter: Filter, to value: Value, _ arguments: Arguments) throws(Fault)
    -> Value
  {
    var arguments = arguments
    let result: Value
    switch filter {
    case .map, .select, .reject, .selectattr, .rejectattr, .first, .last, .list, .items, .dictsort,
      .unique, .sort, .reverse, .min, .max, .sum, .join:
      result = try applyToSequence(filter, value, &arguments)
    case .capitalize, .indent, .lower, .replace, .string, .title, .trim, .upper, .safe, .escape:
      result = try applyToText(filter, value, &arguments)
    case .abs, .float, .int, .round: result = try applyToNumber(filter, value, &arguments)
    case .count: result = .integer(try operators.length(of: value))
    case .default:
      let fallback = arguments.next("default_value") ?? .string("")
      let replacesFalse = arguments.flag("boolean")
      result = value.isUndefined || replacesFalse && !value.isTrue ? fallback : value
    case .tojson: result = .string(try json(value, &arguments))
    }
    try arguments.finish()
    return result
  }

  // MARK: Text

  /// Text for a filter that works on text; anything is printed first.
  private func plainText(of value: Value, _ filter: Filter) throws(Fault) -> String {
    if case .markup = value {
      throw .unsupported("the filter '\(filter.rawValue)' on \(value.kind)")
    }
    let text = try operators.text(of: value)
    try budget.spend(bytes: text.utf8.count)
    return text
  }

  private func applyToText(_ filter: Filter, _ value: Value, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    if case .markup = value, [.safe, .escape, .string].contains(filter) { return value }
    let text = try plainText(of: value, filter)
    let string = PythonString(text)
    switch filter {
    case .capitalize: return .string(string.capitalized)
    case .lower: return .string(string.lowercased)
    case .upper: return .string(string.uppercased)
    case .title: return .string(string.titlecasedByFilter)
    case .trim:
      let set = try arguments.string("chars")
      return .string(string.stripped(of: set, left: true, right: true))
    case .replace:
      let old = try operators.text(of: try arguments.required("old"))
      let new = try operators.text(of: try arguments.required("new"))
      let count = try arguments.integer("count") ?? -1
      return .string(try replace(old, with: new, in: string, limit: count))
    case .indent:
      guard value.string != nil else {
        throw Fault(message: "'indent' takes a string, found \(value.kind)")
      }
      return .string(try indent(string, &arguments))
    case .safe: return .markup(text)
    case .escape: return .markup(escaped(text))
    default: return .string(text)
    }
  }

  private func indent(_ string: PythonString, _ arguments: inout Arguments)
    throws(Fault) -> String
  {
    let width = arguments.next("width") ?? .integer(4)
    let indentsFirst = arguments.flag("first")
    let indentsBlank = arguments.flag("blank")
    var margin = width.string ?? ""
    if let number = Number(width) {
      guard case .string(let spaces) = try operators.apply(.multiply, .string(" "), number.value)
      else { throw arguments.mismatch("width", "an integer or a string", width) }
      margin = spaces
    } else if width.string == nil {
      throw arguments.mismatch("width", "an integer or a string", width)
    }
    // Jinja appends a line break first: a text that ends in one gets an empty last line.
    var lines = PythonString(string.text + "\n").lines()
    for index in lines.indices where index > 0 && (indentsBlank || !lines[index].isEmpty) {
      lines[index] = margin + lines[index]
      try budget.spend(bytes: margin.utf8.count)
    }
    if indentsFirst { lines[0] = margin + lines[0] }
    return try operators.joined(lines, separator: "\n")
  }

  private func json(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> String
  {
    var options = JSONWriter.Options()
    options.isASCII = arguments.flag("ensure_ascii")
    let indent = arguments.next("indent") ?? .none
    if let margin = indent.string {
      options.indent = margin
    } else if case .integer(let width) = Number(indent) {
      guard width <= 64 else { throw Fault(message: "'tojson': indent of more than 64") }
      options.indent = String(repeating: " ", count: max(0, width))
    } else if case .none = indent {
    } else {
      throw arguments.mismatch("indent", "an integer, a string or none", indent)
    }
    if options.indent != nil { options.itemSeparator = "," }
    if let separators = arguments.next("separators"), separators.isTrue {
      let pair = try operators.elements(of: separators)
      guard pair.count == 2, let item = pair[0].string, let key = pair[1].string else {
        throw arguments.mismatch("separators", "a pair of strings", separators)
      }
      (options.itemSeparator, options.keySeparator) = (item, key)
    }
    options.sortsKeys = arguments.flag("sort_keys")
    return try JSONWriter.text(of: value, options, operators: operators)
  }

  // MARK: Numbers

  private func applyToNumber(_ filter: Filter, _ value: Value, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    if case .undefined(let reason) = value { throw Fault(message: reason) }
    switch filter {
    case .int:
      let fallback = arguments.next("default") ?? .integer(0)
      let base = try arguments.integer("base") ?? 10
      guard [2, 8, 10, 16].contains(base) else { throw .unsupported("'int' to the base \(base)") }
      return try integer(of: value, base: base).map(Value.integer) ?? fallback
    case .float:
      let fallback = arguments.next("default") ?? .float(0)
      return (value.string.map { PythonString($0).double } ?? Number(value)?.double)
        .map(Value.float) ?? fallback
    case .abs:
      guard let number = Number(value) else { throw arguments.mismatch("x", "a number", value) }
      if case .float(let float) = number { return .float(float.magnitude) }
      let isNegative = number < .integer(0)
      return try (isNegative ? Number.integer(0).applying(.subtract, number) : number).value
    default: return try rounded(value, &arguments)
    }
  }

  /// nil when Python's `int` and `int(float(…))` both refuse.
  private func integer(of value: Value, base: Int) throws(Fault) -> Int? {
    let double: Double?
    if let text = value.string {
      try budget.spend(bytes: text.utf8.count)
      if let integer = try PythonString(text).integer(base: base) { return integer }
      double = PythonString(text).double
    } else if case .integer(let integer) = Number(value) {
      return integer
    } else {
      double = Number(value)?.double
    }
    guard let double, double.isFinite else { return nil }
    guard let integer = Int(exactly: double.rounded(.towardZero)) else {
      throw Fault(message: "integer beyond 64 bits")
    }
    return integer
  }

  private func rounded(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> Value
  {
    let precision = try arguments.integer("precision") ?? 0
    let method = try arguments.string("method") ?? "common"
    guard let number = Number(value) else { throw arguments.mismatch("value", "a number", value) }
    guard precision == 0 else { throw .unsupported("'round' to a precision other than 0") }
    switch method {
    case "common":
      if case .integer = number { return number.value }
      return .float(number.double.rounded(.toNearestOrEven))
    case "ceil": return .float(number.double.rounded(.up))
    case "floor": return .float(number.double.rounded(.down))
    default: throw Fault(message: "'round' has no method '\(method)'")
    }
  }
}
