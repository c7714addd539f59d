import TacitFault

/// Runs the statements of one template once.
final class Interpreter {
  /// How a statement ended.
  enum Flow {
    case normal
    case breakLoop
    case continueLoop
  }

  let budget: Budget
  let operators: Operators
  /// Seconds since 1970 that `strftime_now` prints; nil is the time of the call.
  let nowSeconds: Int?
  var scope = Scope(parent: nil)
  private var output = ""
  /// What may hold itself, to be emptied at the end.
  private var namespaces: [Namespace] = []
  private var macroScopes: [Scope] = []

  init(limits: Limits, nowSeconds: Int?) {
    budget = Budget(limits)
    operators = Operators(budget: budget)
    self.nowSeconds = nowSeconds
  }

  /// - Throws: ``Fault`` with the place where the template failed.
  func render(_ statements: [Statement], variables: [String: Value]) throws(Fault)
    -> String
  {
    defer {
      for namespace in namespaces { namespace.attributes = [:] }
      for scope in macroScopes { scope.variables = [:] }
    }
    let globals = Scope(parent: nil)
    for function in Function.allCases { globals.variables[function.rawValue] = .function(function) }
    scope = Scope(parent: globals)
    scope.variables = variables
    _ = try execute(statements)
    return output
  }

  func makeNamespace(_ attributes: ValueDictionary) -> Value {
    let namespace = Namespace(attributes.members)
    namespaces.append(namespace)
    return .namespace(namespace)
  }

  // MARK: Statements

  private func execute(_ statements: [Statement]) throws(Fault) -> Flow {
    for statement in statements {
      let flow: Flow
      do {
        try budget.spend(1)
        try budget.enter()
        defer { budget.leave() }
        flow = try execute(statement)
      } catch {
        throw error.located(at: statement.position)
      }
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func execute(_ statement: Statement) throws(Fault) -> Flow {
    switch statement.kind {
    case .text(let text): try write(text)
    case .output(let expression): try write(try operators.text(of: try evaluate(expression)))
    case .conditional(let branches, let otherwise):
      for branch in branches where try evaluate(branch.test).isTrue {
        return try execute(branch.body)
      }
      return try execute(otherwise)
    case .loop(let loop): return try run(loop)
    case .assignment(let target, let expression): try assign(try evaluate(expression), to: target)
    case .blockAssignment(let target, let filters, let body):
      var value = Value.string(try capture(body))
      for call in filters { value = try apply(call, to: value) }
      try assign(value, to: target)
    case .macro(let macro):
      macroScopes.append(scope)
      scope.variables[macro.name] = .macro(MacroValue(macro: macro, scope: scope))
    case .generation(let body): try write(try capture(body))
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  private func write(_ text: String) throws(Fault) {
    try budget.spend(bytes: output.utf8.count + text.utf8.count, new: text.utf8.count)
    output += text
  }

  /// Runs statements in a scope of their own and gives back what they print.
  private func capture(_ body: [Statement]) throws(Fault) -> String {
    let outer = (output, scope)
    (output, scope) = ("", Scope(parent: scope))
    defer { (output, scope) = outer }
    _ = try execute(body)
    return output
  }

  private func assign(_ value: Value, to target: Target) throws(Fault) {
    switch target {
    case .name(let name): scope.variables[name] = value
    case .attribute(let owner, let name):
      guard case .namespace(let namespace) = scope.lookUp(owner) else {
        throw Fault(
          message: "'\(owner)' is no namespace: its attribute '\(name)' cannot be set")
      }
      namespace.attributes[DictionaryKey(name)] = value
    case .tuple(let targets):
      let values = try operators.elements(of: value)
      guard values.count == targets.count else {
        throw Fault(
          message: "expected \(targets.count) values to unpack, found \(values.count)")
      }
      for (target, value) in zip(targets, values) { try assign(value, to: target) }
    }
  }

  // MARK: Loops

  private func run(_ loop: Statement.Loop) throws(Fault) -> Flow {
    let outer = scope
    defer { scope = outer }
    let state = try state(of: loop)
    var hasEndedRound = false
    while let item = try state.next() {
      scope = Scope(parent: outer)
      scope.variables["loop"] = .loop(state)
      try assign(item, to: loop.target)
      let flow = try execute(loop.body)
      if flow == .breakLoop { break }
      if flow == .normal { hasEndedRound = true }
    }
    // As in Jinja, rounds left by `break` or `continue` do not count.
    guard !hasEndedRound else { return .normal }
    scope = Scope(parent: outer)
    return try execute(loop.otherwise)
  }

  private func state(of loop: Statement.Loop) throws(Fault) -> LoopState {
    let source = try evaluate(loop.iterable)
    var isIterator = false
    if case .iterator = source { isIterator = true }
    let items = try operators.elements(of: source)
    let outer = scope
    var next = 0
    return LoopState(
      source: source, length: isIterator || loop.condition != nil ? nil : items.count
    ) { [unowned self] () throws(Fault) in
      while next < items.count {
        let item = items[next]
        next += 1
        try budget.spend(1)
        guard let condition = loop.condition else { return item }
        let body = scope
        scope = Scope(parent: outer)
        defer { scope = body }
        try assign(item, to: loop.target)
        if try evaluate(condition).isTrue { return item }
      }
      return nil
    }
  }

  // MARK: Macros

  func call(_ value: MacroValue, _ arguments: Arguments) throws(Fault) -> Value {
    try budget.enter(levels: 2)
    defer { budget.leave(levels: 2) }
    var arguments = arguments
    let outer = scope
    defer { scope = outer }
    scope = Scope(parent: value.scope)
    var given: [Value?] = []
    for parameter in value.macro.parameters { given.append(arguments.next(parameter.name)) }
    try arguments.finish()
    for (parameter, argument) in zip(value.macro.parameters, given) {
      let missing = Value.undefined("parameter '\(parameter.name)' was not provided")
      scope.variables[parameter.name] =
        if let argument {
          argument
        } else if let fallback = parameter.fallback {
          try evaluate(fallback)
        } else {
          missing
        }
    }
    return .string(try capture(value.macro.body))
  }
}
