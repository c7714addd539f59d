import TacitFault

/// Expressions, loosest binding first.
extension Parser {
  mutating func expression(withConditional: Bool = true) throws(Fault) -> Expression {
    try nested { (parser) throws(Fault) in
      withConditional ? try parser.conditionalExpression() : try parser.disjunction()
    }
  }

  /// One expression, or a tuple when commas follow.
  mutating func tuple(
    withConditional: Bool = true, isTupleEnd: (Parser) -> Bool = { _ in false }
  ) throws(Fault) -> Expression {
    let position = current.position
    let first = try expression(withConditional: withConditional)
    guard isAt(",") else { return first }
    var elements = [first]
    while skip(",") {
      if isAtTupleEnd || isTupleEnd(self) { break }
      elements.append(try expression(withConditional: withConditional))
    }
    return Expression(kind: .tuple(elements), position: position)
  }

  private var isAtTupleEnd: Bool {
    current.kind == .variableEnd || current.kind == .blockEnd || isAt(")")
  }

  private mutating func conditionalExpression() throws(Fault) -> Expression {
    var value = try disjunction()
    var length = 0
    while isAt(name: "if") {
      length = try extended(length)
      let position = current.position
      advance()
      let test = try disjunction()
      let otherwise = skip(name: "else") ? try expression() : nil
      value = Expression(
        kind: .conditional(test: test, then: value, otherwise: otherwise), position: position)
    }
    return value
  }

  private mutating func disjunction() throws(Fault) -> Expression {
    let first = try conjunction()
    guard isAt(name: "or") else { return first }
    var operands = [first]
    while skip(name: "or") { operands.append(try conjunction()) }
    return Expression(kind: .or(operands), position: first.position)
  }

  private mutating func conjunction() throws(Fault) -> Expression {
    let first = try negation()
    guard isAt(name: "and") else { return first }
    var operands = [first]
    while skip(name: "and") { operands.append(try negation()) }
    return Expression(kind: .and(operands), position: first.position)
  }

  private mutating func negation() throws(Fault) -> Expression {
    let position = current.position
    guard skip(name: "not") else { return try comparison() }
    let operand = try nested { (parser) throws(Fault) in try parser.negation() }
    return Expression(kind: .not(operand), position: position)
  }

  private mutating func comparison() throws(Fault) -> Expression {
    let first = try arithmetic(level: 0)
    var links: [(operation: ComparisonOperator, operand: Expression)] = []
    var position = first.position
    while true {
      let start = current.position
      guard let comparison = comparisonOperator() else { break }
      if links.isEmpty { position = start }
      links.append((comparison, try arithmetic(level: 0)))
    }
    guard !links.isEmpty else { return first }
    return Expression(kind: .comparison(first, links), position: position)
  }

  private mutating func comparisonOperator() -> ComparisonOperator? {
    switch current.kind {
    case .symbol(let symbol):
      guard let comparison = ComparisonOperator(rawValue: symbol) else { return nil }
      advance()
      return comparison
    case .name("in"):
      advance()
      return .contained
    case .name("not") where tokens[index + 1].kind == .name("in"):
      advance()
      advance()
      return .notContained
    default: return nil
    }
  }

  /// Binary operators by how tightly they bind; all of them bind from the left.
  private static let levels: [String: Int] = [
    "+": 0, "-": 0, "~": 1, "*": 2, "/": 2, "//": 2, "%": 2, "**": 3,
  ]

  private var operatorLevel: Int? {
    if case .symbol(let symbol) = current.kind { Self.levels[symbol] } else { nil }
  }

  /// Operands joined by operators of the given level or above.
  private mutating func arithmetic(level: Int) throws(Fault) -> Expression {
    var value = try unary()
    while let next = operatorLevel, next >= level { value = try chain(from: value, level: next) }
    return value
  }

  /// Operators of one level and their operands.
  private mutating func chain(from first: Expression, level: Int) throws(Fault)
    -> Expression
  {
    let position = current.position
    var links: [(operation: ArithmeticOperator, operand: Expression)] = []
    var texts = [first]
    while operatorLevel == level, case .symbol(let symbol) = current.kind {
      advance()
      let operand = try arithmetic(level: level + 1)
      if let arithmetic = ArithmeticOperator(rawValue: symbol) {
        links.append((arithmetic, operand))
      } else {
        texts.append(operand)
      }
    }
    let kind: Expression.Kind = links.isEmpty ? .concatenation(texts) : .arithmetic(first, links)
    return Expression(kind: kind, position: position)
  }

  private mutating func unary(withFilters: Bool = true) throws(Fault) -> Expression {
    let position = current.position
    var value: Expression
    if isAt("-") || isAt("+") {
      let isNegative = isAt("-")
      advance()
      let operand = try nested { (parser) throws(Fault) in
        try parser.unary(withFilters: false)
      }
      value = Expression(
        kind: isNegative ? .negative(operand) : .positive(operand), position: position)
    } else {
      value = try primary()
    }
    value = try postfix(value)
    return withFilters ? try filtersAndTests(value) : value
  }

  mutating func primary() throws(Fault) -> Expression {
    let token = current
    let kind: Expression.Kind
    switch token.kind {
    case .name(let name):
      try checkIsSupported(name: name, at: token.position)
      kind = literal(name) ?? .name(name)
      advance()
    case .string: kind = .string(adjacentStrings())
    case .integer(let value):
      kind = .integer(value)
      advance()
    case .float(let value):
      kind = .float(value)
      advance()
    case .symbol("("): return try parentheses()
    case .symbol("["):
      advance()
      kind = .list(try list(until: "]"))
    case .symbol("{"): kind = .dictionary(try dictionary())
    default: throw unexpected("an expression")
    }
    return Expression(kind: kind, position: token.position)
  }

  private func literal(_ name: String) -> Expression.Kind? {
    switch name {
    case "true", "True": .boolean(true)
    case "false", "False": .boolean(false)
    case "none", "None": Expression.Kind.none
    default: nil
    }
  }

  private mutating func adjacentStrings() -> String {
    var text = ""
    while case .string(let part) = current.kind {
      text += part
      advance()
    }
    return text
  }

  private mutating func parentheses() throws(Fault) -> Expression {
    let position = current.position
    try expect("(")
    if skip(")") { return Expression(kind: .tuple([]), position: position) }
    let value = try tuple()
    try expect(")")
    return value
  }

  private mutating func list(until end: String) throws(Fault) -> [Expression] {
    var elements: [Expression] = []
    while !isAt(end) {
      if !elements.isEmpty { try expect(",") }
      if isAt(end) { break }
      elements.append(try expression())
    }
    advance()
    return elements
  }

  private mutating func dictionary() throws(Fault)
    -> [(key: Expression, value: Expression)]
  {
    try expect("{")
    var members: [(key: Expression, value: Expression)] = []
    while !isAt("}") {
      if !members.isEmpty { try expect(",") }
      if isAt("}") { break }
      let key = try expression()
      try expect(":")
      members.append((key, try expression()))
    }
    advance()
    return members
  }
}
