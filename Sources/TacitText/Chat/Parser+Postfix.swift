import TacitFault

/// What may follow a value: attributes, items, calls, filters and tests.
extension Parser {
  mutating func postfix(_ value: Expression) throws(Fault) -> Expression {
    var value = value
    var length = 0
    while true {
      length = try extended(length)
      if isAt(".") {
        value = try attribute(of: value)
      } else if isAt("[") {
        value = try subscripted(value)
      } else if isAt("(") {
        value = try call(value)
      } else {
        return value
      }
    }
  }

  mutating func filtersAndTests(_ value: Expression) throws(Fault) -> Expression {
    var value = value
    var length = 0
    while true {
      length = try extended(length)
      if isAt("|") {
        let call = try filterCall()
        value = Expression(kind: .filter(value, call), position: call.position)
      } else if isAt(name: "is") {
        value = try test(value)
      } else if isAt("(") {
        value = try call(value)
      } else {
        return value
      }
    }
  }

  private mutating func attribute(of value: Expression) throws(Fault) -> Expression {
    advance()
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      return Expression(kind: .attribute(value, name), position: token.position)
    case .integer(let index):
      advance()
      let item = Expression(kind: .integer(index), position: token.position)
      return Expression(kind: .item(value, item), position: token.position)
    default: throw unexpected("a name or a number")
    }
  }

  private mutating func subscripted(_ value: Expression) throws(Fault) -> Expression {
    let position = current.position
    try expect("[")
    let lower = isAt(":") ? nil : try expression()
    if let index = lower, !isAt(":") {
      guard !isAt(",") else {
        throw Fault.unsupported("a tuple as index", at: position)
      }
      try expect("]")
      return Expression(kind: .item(value, index), position: position)
    }
    try expect(":")
    let upper = isAt(":") || isAt("]") ? nil : try expression()
    let step = skip(":") && !isAt("]") ? try expression() : nil
    try expect("]")
    return Expression(
      kind: .slice(value, lower: lower, upper: upper, step: step), position: position)
  }

  private mutating func call(_ value: Expression) throws(Fault) -> Expression {
    let position = current.position
    return Expression(kind: .call(value, try arguments()), position: position)
  }

  private mutating func arguments() throws(Fault) -> CallArguments {
    try expect("(")
    var arguments = CallArguments()
    var isFirst = true
    while !isAt(")") {
      if !isFirst { try expect(",") }
      isFirst = false
      if isAt(")") { break }
      guard !isAt("*"), !isAt("**") else {
        throw Fault.unsupported("unpacking of arguments", at: current.position)
      }
      if case .name(let name) = current.kind, tokens[index + 1].kind == .symbol("=") {
        guard !arguments.named.contains(where: { $0.name == name }) else {
          throw Fault(message: "the argument '\(name)' is given twice", at: current.position)
        }
        advance()
        advance()
        arguments.named.append((name, try expression()))
      } else if arguments.named.isEmpty {
        arguments.positional.append(try expression())
      } else {
        throw unexpected("a named argument")
      }
    }
    advance()
    return arguments
  }

  mutating func filterCall() throws(Fault) -> FilterCall {
    try expect("|")
    let position = current.position
    let name = try dottedName()
    guard let filter = Filter(name: name) else {
      throw Fault.unsupported("the filter '\(name)'", at: position)
    }
    let arguments = isAt("(") ? try arguments() : CallArguments()
    return FilterCall(filter: filter, arguments: arguments, position: position)
  }

  private mutating func dottedName() throws(Fault) -> String {
    var name = try expectName()
    while skip(".") { name += "." + (try expectName()) }
    return name
  }

  private mutating func test(_ value: Expression) throws(Fault) -> Expression {
    advance()
    let isNegated = skip(name: "not")
    let position = current.position
    let name = try dottedName()
    guard let test = ValueTest(name: name) else {
      throw Fault.unsupported("the test '\(name)'", at: position)
    }
    var arguments = CallArguments()
    if isAt(name: "is") { throw unexpected("one test, no chain of them") }
    if isAt("(") {
      arguments = try self.arguments()
    } else if startsTestArgument {
      let argument = try nested { (parser) throws(Fault) in
        try parser.postfix(try parser.primary())
      }
      arguments.positional = [argument]
    }
    let kind = Expression.Kind.test(value, TestCall(test: test, arguments: arguments))
    let tested = Expression(kind: kind, position: position)
    return isNegated ? Expression(kind: .not(tested), position: position) : tested
  }

  /// `is divisibleby 3` has its one argument without brackets.
  private var startsTestArgument: Bool {
    switch current.kind {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .string, .integer, .float, .symbol("["), .symbol("{"): true
    default: false
    }
  }
}
