import TacitFault

/// Operators with the meaning they have in Python.
struct Operators {
  let budget: Budget

  // MARK: Equality and order

  func areEqual(_ left: Value, _ right: Value) throws(Fault) -> Bool {
    try budget.spend(min(left.size, right.size))
    if let left = Number(left), let right = Number(right) { return left == right }
    if let left = left.string, let right = right.string { return left.isSame(as: right) }
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      guard left.elements.count == right.elements.count else { return false }
      for (left, right) in zip(left.elements, right.elements) {
        guard try areEqual(left, right) else { return false }
      }
      return true
    case (.dictionary(let left), .dictionary(let right)):
      guard left.members.count == right.members.count else { return false }
      for (key, value) in left.members {
        guard let other = right.members[key], try areEqual(value, other) else { return false }
      }
      return true
    case (.range(let left), .range(let right)):
      return left.count == right.count
        && (left.count == 0 || left.start == right.start)
        && (left.count < 2 || left.step == right.step)
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.iterator(let left), .iterator(let right)): return left === right
    case (.loop(let left), .loop(let right)): return left === right
    case (.view, .view), (.macro, .macro), (.function, .function), (.method, .method):
      throw .unsupported("comparing \(left.kind) with \(right.kind)")
    default: return false
    }
  }

  /// - Throws: ``Fault`` for kinds that have no order.
  func isLess(_ left: Value, _ right: Value) throws(Fault) -> Bool {
    try budget.spend(min(left.size, right.size))
    if let left = Number(left), let right = Number(right) { return left < right }
    if let left = left.string, let right = right.string {
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    switch (left, right) {
    case (.undefined(let reason), _), (_, .undefined(let reason)):
      throw Fault(message: reason)
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.elements, right.elements)
      where !(try areEqual(left, right)) {
        return try isLess(left, right)
      }
      return left.elements.count < right.elements.count
    default: throw Fault(message: "\(left.kind) and \(right.kind) have no order")
    }
  }

  func compare(_ left: Value, _ comparison: ComparisonOperator, _ right: Value)
    throws(Fault) -> Bool
  {
    switch comparison {
    case .equal: return try areEqual(left, right)
    case .notEqual: return try !areEqual(left, right)
    case .less: return try isLess(left, right)
    case .greater: return try isLess(right, left)
    case .lessOrEqual:
      if let left = Number(left), let right = Number(right) { return left < right || left == right }
      return try !isLess(right, left)
    case .greaterOrEqual:
      if let left = Number(left), let right = Number(right) { return right < left || left == right }
      return try !isLess(left, right)
    case .contained: return try contains(right, left)
    case .notContained: return try !contains(right, left)
    }
  }

  func contains(_ container: Value, _ element: Value) throws(Fault) -> Bool {
    if let text = container.string {
      guard let part = element.string else {
        throw Fault(message: "'in' looks for a string in a string, found \(element.kind)")
      }
      try budget.spend(bytes: text.utf8.count)
      return !PythonString(text).ranges(of: Array(part.utf8), limit: 1).isEmpty
    }
    switch container {
    case .dictionary(let dictionary):
      if element.isUndefined { return false }
      return dictionary.members[try DictionaryKey(element)] != nil
    case .iterator(let iterator):
      while let next = iterator.pull() { if try areEqual(next, element) { return true } }
      return false
    default:
      for candidate in try elements(of: container) where try areEqual(candidate, element) {
        return true
      }
      return false
    }
  }

  // MARK: Arithmetic

  func apply(_ operation: ArithmeticOperator, _ left: Value, _ right: Value)
    throws(Fault) -> Value
  {
    if case .undefined(let reason) = left { throw Fault(message: reason) }
    if case .undefined(let reason) = right { throw Fault(message: reason) }
    if let left = Number(left), let right = Number(right) {
      return try left.applying(operation, right).value
    }
    switch (operation, left, right) {
    case (.add, _, _):
      if let sum = try concatenation(left, right) { return sum }
    case (.multiply, .integer(let count), let value), (.multiply, let value, .integer(let count)):
      if let product = try repetition(of: value, count: max(0, count)) { return product }
    case (.remainder, .string, _): throw .unsupported("formatting with '%'")
    default: break
    }
    throw Fault(
      message: "'\(operation.rawValue)' does not take \(left.kind) and \(right.kind)")
  }

  private func concatenation(_ left: Value, _ right: Value) throws(Fault) -> Value? {
    switch (left, right) {
    case (.string(let left), .string(let right)):
      return .string(try joined([left, right]))
    case (.markup(let left), .markup(let right)): return .markup(try joined([left, right]))
    case (.markup(let left), .string(let right)):
      return .markup(try joined([left, escaped(right)]))
    case (.string(let left), .markup(let right)):
      return .markup(try joined([escaped(left), right]))
    case (.list(let left), .list(let right)):
      try budget.spend(left.elements.count + right.elements.count)
      return .list(try ValueList(left.elements + right.elements))
    case (.tuple(let left), .tuple(let right)):
      try budget.spend(left.elements.count + right.elements.count)
      return .tuple(try ValueList(left.elements + right.elements))
    default: return nil
    }
  }

  private func repetition(of value: Value, count: Int) throws(Fault) -> Value? {
    func check(_ unit: Int) throws(Fault) {
      let (total, overflow) = unit.multipliedReportingOverflow(by: count)
      guard !overflow else { throw Fault(message: "value too large") }
      try budget.spend(bytes: total)
    }
    switch value {
    case .string(let text):
      try check(text.utf8.count)
      return .string(String(repeating: text, count: text.isEmpty ? 0 : count))
    case .list(let list), .tuple(let list):
      try check(16 * list.size)
      var elements: [Value] = []
      if !list.elements.isEmpty { for _ in 0..<count { elements += list.elements } }
      let product = try ValueList(elements)
      if case .list = value { return .list(product) }
      return .tuple(product)
    default: return nil
    }
  }

  // MARK: Text and elements

  func joined(_ texts: [String], separator: String = "") throws(Fault) -> String {
    let separators = separator.utf8.count * max(0, texts.count - 1)
    try budget.spend(bytes: texts.reduce(separators) { $0 + $1.utf8.count })
    return texts.joined(separator: separator)
  }

  /// Python's `str`.
  func text(of value: Value) throws(Fault) -> String {
    try ValueWriter.text(of: value, budget: budget)
  }

  /// What a loop walks over.
  /// - Throws: ``Fault`` for values that Python cannot iterate.
  func elements(of value: Value) throws(Fault) -> [Value] {
    if let text = value.string {
      try budget.spend(text.utf8.count)
      return text.unicodeScalars.map { .string(String($0)) }
    }
    let elements: [Value]
    switch value {
    case .undefined: elements = []
    case .list(let list), .tuple(let list), .view(_, let list): elements = list.elements
    case .dictionary(let dictionary): elements = dictionary.members.keys.map(\.value)
    case .range(let range): elements = (0..<range.count).map { range[$0] }
    case .iterator(let iterator):
      var rest: [Value] = []
      while let element = iterator.pull() { rest.append(element) }
      elements = rest
    default: throw Fault(message: "\(value.kind) cannot be iterated")
    }
    try budget.spend(elements.count)
    return elements
  }

  /// - Throws: ``Fault`` for values without a length.
  func length(of value: Value) throws(Fault) -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text), .markup(let text):
      try budget.spend(bytes: text.utf8.count)
      return text.unicodeScalars.count
    case .list(let list), .tuple(let list), .view(_, let list): return list.elements.count
    case .dictionary(let dictionary): return dictionary.members.count
    case .range(let range): return range.count
    case .loop(let loop): return try loop.length()
    default: throw Fault(message: "\(value.kind) has no length")
    }
  }
}

/// Text with the characters that HTML reserves written as entities.
func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result.append(contentsOf: "&amp;".unicodeScalars)
    case "<": result.append(contentsOf: "&lt;".unicodeScalars)
    case ">": result.append(contentsOf: "&gt;".unicodeScalars)
    case "'": result.append(contentsOf: "&#39;".unicodeScalars)
    case "\"": result.append(contentsOf: "&#34;".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}
