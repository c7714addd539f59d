import TacitFault

/// Reads the statements of a template.
///
/// Precedence and placement follow Jinja 3.1. A construct of Jinja that is missing here is an error
/// with its place and name.
struct Parser {
  /// Deepest nesting of statements and expressions.
  static let maximumNesting = 40
  /// Most attributes, calls, filters or conditions behind one value.
  static let maximumChain = 100

  var tokens: [TemplateToken]
  var index = 0
  private var nesting = 0
  private var loopDepth = 0
  private var isInMacro = false

  /// - Throws: ``Fault`` where the source is no template or goes beyond this subset.
  static func statements(of source: String) throws(Fault) -> [Statement] {
    var parser = Parser(tokens: try Lexer.tokens(of: source))
    return try parser.statements(until: [])
  }

  private init(tokens: [TemplateToken]) { self.tokens = tokens }

  // MARK: Tokens

  var current: TemplateToken { tokens[index] }

  mutating func advance() {
    if index < tokens.count - 1 { index += 1 }
  }

  func isAt(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

  func isAt(name: String) -> Bool { current.kind == .name(name) }

  mutating func skip(_ symbol: String) -> Bool { skip(.symbol(symbol)) }

  mutating func skip(name: String) -> Bool { skip(.name(name)) }

  private mutating func skip(_ kind: TemplateToken.Kind) -> Bool {
    guard current.kind == kind else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: String) throws(Fault) {
    guard skip(symbol) else { throw unexpected("'\(symbol)'") }
  }

  mutating func expectName() throws(Fault) -> String {
    guard case .name(let name) = current.kind else { throw unexpected("a name") }
    advance()
    return name
  }

  func unexpected(_ expected: String) -> Fault {
    Fault(
      message: "expected \(expected), found \(current.description)", at: current.position)
  }

  /// The length of a chain with one more link.
  func extended(_ length: Int) throws(Fault) -> Int {
    guard length < Self.maximumChain else {
      throw Fault(
        message: "more than \(Self.maximumChain) steps behind one value", at: current.position)
    }
    return length + 1
  }

  /// Runs `body` one level deeper.
  mutating func nested<Result>(_ body: (inout Parser) throws(Fault) -> Result)
    throws(Fault) -> Result
  {
    guard nesting < Self.maximumNesting else {
      throw Fault(
        message: "nested more than \(Self.maximumNesting) levels deep", at: current.position)
    }
    nesting += 1
    defer { nesting -= 1 }
    return try body(&self)
  }

  // MARK: Statements

  /// Statements up to a block that starts with one of the names, or to the end if there are none.
  ///
  /// The parser is left behind `{%`, at the name.
  private mutating func statements(until enders: [String]) throws(Fault)
    -> [Statement]
  {
    var statements: [Statement] = []
    while true {
      let token = current
      switch token.kind {
      case .text(let text):
        advance()
        statements.append(Statement(kind: .text(text), position: token.position))
      case .variableBegin:
        advance()
        let value = try tuple()
        guard skip(.variableEnd) else { throw unexpected("'}}'") }
        statements.append(Statement(kind: .output(value), position: token.position))
      case .blockBegin:
        advance()
        if case .name(let name) = current.kind, enders.contains(name) { return statements }
        let kind = try nested { (parser) throws(Fault) in try parser.block() }
        statements.append(Statement(kind: kind, position: token.position))
      default:
        guard enders.isEmpty else { throw unexpected(describe(enders)) }
        return statements
      }
    }
  }

  private func describe(_ names: [String]) -> String {
    names.map { "'{% \($0) %}'" }.joined(separator: " or ")
  }

  private mutating func body(until enders: [String]) throws(Fault) -> [Statement] {
    try endBlock()
    return try statements(until: enders)
  }

  private mutating func endBlock() throws(Fault) {
    guard skip(.blockEnd) else { throw unexpected("'%}'") }
  }

  private mutating func block() throws(Fault) -> Statement.Kind {
    let position = current.position
    let name = try expectName()
    switch name {
    case "if": return try conditional()
    case "for": return try loop()
    case "set": return try assignment()
    case "macro": return try macro()
    case "generation":
      let outer = loopDepth
      loopDepth = 0
      defer { loopDepth = outer }
      let body = try body(until: ["endgeneration"])
      advance()
      try endBlock()
      return .generation(body)
    case "break", "continue":
      guard loopDepth > 0 else {
        throw Fault(message: "'\(name)' outside of a loop", at: position)
      }
      try endBlock()
      return name == "break" ? .breakLoop : .continueLoop
    case "elif", "else", "endif", "endfor", "endset", "endmacro", "endgeneration", "endraw":
      throw Fault(message: "unexpected '\(name)'", at: position)
    default: throw Fault.unsupported("the block '\(name)'", at: position)
    }
  }

  private mutating func conditional() throws(Fault) -> Statement.Kind {
    var branches: [Statement.Branch] = []
    var otherwise: [Statement] = []
    var ender = "elif"
    while ender == "elif" {
      let test = try tuple(withConditional: false)
      let body = try body(until: ["elif", "else", "endif"])
      branches.append(Statement.Branch(test: test, body: body))
      ender = try expectName()
    }
    if ender == "else" {
      otherwise = try body(until: ["endif"])
      advance()
    }
    try endBlock()
    return .conditional(branches, otherwise: otherwise)
  }

  private mutating func loop() throws(Fault) -> Statement.Kind {
    let target = try target(inLoop: true)
    guard skip(name: "in") else { throw unexpected("'in'") }
    let iterable = try tuple(withConditional: false, isTupleEnd: { $0.isAt(name: "recursive") })
    let condition = skip(name: "if") ? try expression() : nil
    guard !isAt(name: "recursive") else {
      throw Fault.unsupported("a recursive loop", at: current.position)
    }
    loopDepth += 1
    let body = try body(until: ["endfor", "else"])
    loopDepth -= 1
    var otherwise: [Statement] = []
    if try expectName() == "else" {
      otherwise = try self.body(until: ["endfor"])
      advance()
    }
    try endBlock()
    return .loop(
      Statement.Loop(
        target: target, iterable: iterable, condition: condition, body: body,
        otherwise: otherwise))
  }

  private mutating func assignment() throws(Fault) -> Statement.Kind {
    let target = try target(inLoop: false)
    if skip("=") {
      let value = try tuple()
      try endBlock()
      return .assignment(target, value)
    }
    var filters: [FilterCall] = []
    while isAt("|") { filters.append(try filterCall()) }
    let body = try body(until: ["endset"])
    advance()
    try endBlock()
    return .blockAssignment(target, filters: filters, body: body)
  }

  /// `name`, `name.attribute` outside of loops, or several of them with commas between.
  private mutating func target(inLoop: Bool) throws(Fault) -> Target {
    var targets: [Target] = []
    var isTuple = false
    repeat {
      if isTuple, isAt(name: "in") { throw unexpected("a name") }
      targets.append(try singleTarget(inLoop: inLoop))
      isTuple = isTuple || isAt(",")
    } while skip(",")
    return isTuple ? .tuple(targets) : targets[0]
  }

  private mutating func singleTarget(inLoop: Bool) throws(Fault) -> Target {
    if skip("(") {
      let inner = try nested { (parser) throws(Fault) in
        try parser.target(inLoop: inLoop)
      }
      try expect(")")
      return inner
    }
    let position = current.position
    let name = try expectName()
    if skip(".") {
      guard !inLoop else {
        throw Fault.unsupported("an attribute as loop variable", at: position)
      }
      return .attribute(of: name, try expectName())
    }
    let reserved = ["true", "false", "none", "True", "False", "None", "loop"]
    guard !reserved.contains(name) else {
      throw Fault(message: "'\(name)' cannot be assigned to", at: position)
    }
    return .name(name)
  }

  private mutating func macro() throws(Fault) -> Statement.Kind {
    let name = try expectName()
    try expect("(")
    var parameters: [Statement.Macro.Parameter] = []
    while !isAt(")") {
      if !parameters.isEmpty { try expect(",") }
      let position = current.position
      var parameter = Statement.Macro.Parameter(name: try expectName())
      if skip("=") {
        parameter.fallback = try expression()
      } else if parameters.last?.fallback != nil {
        throw Fault(message: "parameter without default behind one with default", at: position)
      }
      parameters.append(parameter)
    }
    advance()
    let outer = (loopDepth, isInMacro)
    (loopDepth, isInMacro) = (0, true)
    defer { (loopDepth, isInMacro) = outer }
    let body = try body(until: ["endmacro"])
    advance()
    try endBlock()
    return .macro(Statement.Macro(name: name, parameters: parameters, body: body))
  }

  /// Names that Jinja gives a meaning of their own, which this subset does not have.
  func checkIsSupported(name: String, at position: TemplatePosition) throws(Fault) {
    let globals: Set = ["cycler", "joiner", "lipsum", "self", "super"]
    if globals.contains(name) || isInMacro && (name == "varargs" || name == "kwargs") {
      throw Fault.unsupported("the name '\(name)'", at: position)
    }
  }
}
