import TacitFault

/// Evaluated arguments, taken one by one in the order of the callee's parameters.
struct Arguments {
  /// What is called, as an error message names it.
  var callee: String
  private var positional: ArraySlice<Value>
  private var named: [(name: String, value: Value)]

  init(of callee: String, _ positional: [Value], _ named: [(name: String, value: Value)]) {
    self.callee = callee
    self.positional = positional[...]
    self.named = named
  }

  /// The next argument by position, or else the one of that name.
  mutating func next(_ name: String) -> Value? { positional.popFirst() ?? take(name) }

  /// The argument of that name.
  mutating func take(_ name: String) -> Value? {
    guard let index = named.firstIndex(where: { $0.name == name }) else { return nil }
    return named.remove(at: index).value
  }

  mutating func required(_ name: String) throws(Fault) -> Value {
    guard let value = next(name) else {
      throw Fault(message: "\(callee) needs the argument '\(name)'")
    }
    return value
  }

  mutating func requiredString(_ name: String) throws(Fault) -> String {
    let value = try required(name)
    guard let text = value.string else { throw mismatch(name, "a string", value) }
    return text
  }

  /// nil when the argument is absent or none.
  mutating func string(_ name: String) throws(Fault) -> String? {
    guard let value = next(name) else { return nil }
    if case .none = value { return nil }
    guard let text = value.string else { throw mismatch(name, "a string", value) }
    return text
  }

  /// nil when the argument is absent or none.
  mutating func integer(_ name: String) throws(Fault) -> Int? {
    guard let value = next(name) else { return nil }
    if case .none = value { return nil }
    guard case .integer(let integer) = Number(value) else {
      throw mismatch(name, "an integer", value)
    }
    return integer
  }

  /// Whether the argument is there and true.
  mutating func flag(_ name: String) -> Bool { next(name)?.isTrue ?? false }

  func mismatch(_ name: String, _ expected: String, _ found: Value) -> Fault {
    if case .undefined(let reason) = found { return Fault(message: reason) }
    return Fault(message: "\(callee): '\(name)' is to be \(expected), found \(found.kind)")
  }

  /// What no parameter has taken.
  mutating func rest() -> Arguments {
    defer { (positional, named) = ([], []) }
    return self
  }

  /// All that is left, as elements and members.
  mutating func takeAll() -> (positional: [Value], named: [(name: String, value: Value)]) {
    defer { (positional, named) = ([], []) }
    return (Array(positional), named)
  }

  /// - Throws: ``Fault`` when an argument is named: most methods of Python forbid it.
  func refuseNames() throws(Fault) {
    guard named.isEmpty else { throw Fault(message: "\(callee) takes no named arguments") }
  }

  /// - Throws: ``Fault`` when an argument is left.
  func finish() throws(Fault) {
    if let extra = named.first {
      throw Fault(message: "\(callee) has no argument '\(extra.name)'")
    }
    guard positional.isEmpty else { throw Fault(message: "too many arguments for \(callee)") }
  }
}
