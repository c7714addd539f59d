import OrderedCollections
import TacitFault

extension Interpreter {
  /// - Throws: ``Fault`` with the place of the innermost expression that failed.
  func evaluate(_ expression: Expression) throws(Fault) -> Value {
    do {
      try budget.spend(1)
      try budget.enter()
      defer { budget.leave() }
      return try value(of: expression)
    } catch {
      throw error.located(at: expression.position)
    }
  }

  // One function for each group of kinds: these frames make up most of the stack of a deep template.
  private func value(of expression: Expression) throws(Fault) -> Value {
    switch expression.kind {
    case .none: return .none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .string(let text): return .string(text)
    case .name(let name): return scope.lookUp(name) ?? .undefined("'\(name)' is undefined")
    case .list, .tuple, .dictionary: return try collection(expression.kind)
    case .attribute, .item, .slice: return try part(expression.kind)
    case .call, .filter, .test: return try result(expression.kind)
    default: return try operation(expression.kind)
    }
  }

  private func collection(_ kind: Expression.Kind) throws(Fault) -> Value {
    switch kind {
    case .list(let elements): return .list(try ValueList(try evaluate(elements)))
    case .tuple(let elements): return .tuple(try ValueList(try evaluate(elements)))
    case .dictionary(let members): return try dictionary(members)
    default: preconditionFailure("no collection")
    }
  }

  private func part(_ kind: Expression.Kind) throws(Fault) -> Value {
    switch kind {
    case .attribute(let owner, let name): return try attribute(name, of: try evaluate(owner))
    case .item(let owner, let index):
      let owner = try evaluate(owner)
      return try item(try evaluate(index), of: owner)
    case .slice(let owner, let lower, let upper, let step):
      return try slice(try evaluate(owner), lower: lower, upper: upper, step: step)
    default: preconditionFailure("no part of a value")
    }
  }

  private func result(_ kind: Expression.Kind) throws(Fault) -> Value {
    switch kind {
    case .call(let callee, let arguments):
      let callee = try evaluate(callee)
      return try call(callee, try evaluate(arguments, of: callee.kind))
    case .filter(let operand, let call): return try apply(call, to: try evaluate(operand))
    case .test(let operand, let call): return .boolean(try run(call, on: try evaluate(operand)))
    default: preconditionFailure("no call")
    }
  }

  private func operation(_ kind: Expression.Kind) throws(Fault) -> Value {
    switch kind {
    case .negative(let operand): return try negative(try evaluate(operand))
    case .positive(let operand): return try positive(try evaluate(operand))
    case .arithmetic(let first, let links): return try arithmetic(first, links)
    case .concatenation(let operands): return try concatenation(operands)
    case .comparison(let first, let links): return .boolean(try comparison(first, links))
    case .not(let operand): return .boolean(try !evaluate(operand).isTrue)
    case .and(let operands): return try firstOperand(operands, thatIs: false)
    case .or(let operands): return try firstOperand(operands, thatIs: true)
    case .conditional(let test, let then, let otherwise):
      if try evaluate(test).isTrue { return try evaluate(then) }
      guard let otherwise else { return .undefined("the 'if' is false and has no 'else'") }
      return try evaluate(otherwise)
    default: preconditionFailure("no operation")
    }
  }

  private func evaluate(_ expressions: [Expression]) throws(Fault) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  private func evaluate(_ arguments: CallArguments, of callee: String) throws(Fault)
    -> Arguments
  {
    let positional = try evaluate(arguments.positional)
    var named: [(name: String, value: Value)] = []
    for argument in arguments.named {
      named.append((argument.name, try evaluate(argument.value)))
    }
    return Arguments(of: callee, positional, named)
  }

  private func dictionary(_ members: [(key: Expression, value: Expression)])
    throws(Fault) -> Value
  {
    var values = OrderedDictionary<DictionaryKey, Value>()
    for member in members {
      values[try DictionaryKey(try evaluate(member.key))] = try evaluate(member.value)
    }
    return .dictionary(try ValueDictionary(values))
  }

  // MARK: Operators

  private func negative(_ value: Value) throws(Fault) -> Value {
    if case .float(let number) = value { return .float(-number) }
    guard let number = Number(value) else {
      if case .undefined(let reason) = value { throw Fault(message: reason) }
      throw Fault(message: "'-' does not take \(value.kind)")
    }
    return try Number.integer(0).applying(.subtract, number).value
  }

  private func positive(_ value: Value) throws(Fault) -> Value {
    guard let number = Number(value) else {
      if case .undefined(let reason) = value { throw Fault(message: reason) }
      throw Fault(message: "'+' does not take \(value.kind)")
    }
    return number.value
  }

  private func arithmetic(
    _ first: Expression, _ links: [(operation: ArithmeticOperator, operand: Expression)]
  ) throws(Fault) -> Value {
    var value = try evaluate(first)
    for link in links {
      value = try operators.apply(link.operation, value, try evaluate(link.operand))
    }
    return value
  }

  private func concatenation(_ operands: [Expression]) throws(Fault) -> Value {
    var texts: [String] = []
    for operand in operands { texts.append(try operators.text(of: try evaluate(operand))) }
    return .string(try operators.joined(texts))
  }

  private func comparison(
    _ first: Expression, _ links: [(operation: ComparisonOperator, operand: Expression)]
  ) throws(Fault) -> Bool {
    var left = try evaluate(first)
    for link in links {
      let right = try evaluate(link.operand)
      guard try operators.compare(left, link.operation, right) else { return false }
      left = right
    }
    return true
  }

  /// `and` and `or` give back the operand that decided, not a Boolean.
  private func firstOperand(_ operands: [Expression], thatIs truth: Bool)
    throws(Fault) -> Value
  {
    var value = Value.none
    for operand in operands {
      value = try evaluate(operand)
      if value.isTrue == truth { break }
    }
    return value
  }

  // MARK: Calls

  private func call(_ callee: Value, _ arguments: Arguments) throws(Fault) -> Value {
    switch callee {
    case .function(let function): return try call(function, arguments)
    case .macro(let macro): return try call(macro, arguments)
    case .method(let receiver, let name): return try call(name, of: receiver, arguments)
    case .undefined(let reason): throw Fault(message: reason)
    case .loop: throw .unsupported("a recursive loop")
    default: throw Fault(message: "\(callee.kind) cannot be called")
    }
  }

  func apply(_ call: FilterCall, to value: Value) throws(Fault) -> Value {
    do {
      let arguments = try evaluate(call.arguments, of: "the filter '\(call.filter.rawValue)'")
      return try apply(call.filter, to: value, arguments)
    } catch {
      throw error.located(at: call.position)
    }
  }

  private func run(_ call: TestCall, on value: Value) throws(Fault) -> Bool {
    let arguments = try evaluate(call.arguments, of: "the test '\(call.test.rawValue)'")
    return try run(call.test, on: value, arguments)
  }

  private func slice(_ value: Value, lower: Expression?, upper: Expression?, step: Expression?)
    throws(Fault) -> Value
  {
    func bound(_ expression: Expression?) throws(Fault) -> Int? {
      guard let expression else { return nil }
      let value = try evaluate(expression)
      if case .none = value { return nil }
      guard case .integer(let integer) = Number(value) else {
        throw Fault(message: "a slice has integer bounds, found \(value.kind)")
      }
      return integer
    }
    return try slice(
      value,
      SliceBounds(lower: try bound(lower), upper: try bound(upper), step: try bound(step) ?? 1))
  }
}
