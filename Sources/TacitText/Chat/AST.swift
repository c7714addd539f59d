/// One statement of a template.
struct Statement: Sendable {
  indirect enum Kind: Sendable {
    case text(String)
    case output(Expression)
    case conditional([Branch], otherwise: [Statement])
    case loop(Loop)
    case assignment(Target, Expression)
    /// `{% set name | filter %}…{% endset %}`; the value is the rendered body.
    case blockAssignment(Target, filters: [FilterCall], body: [Statement])
    case macro(Macro)
    /// `{% generation %}…{% endgeneration %}` marks what the assistant said; it adds no text.
    case generation([Statement])
    case breakLoop
    case continueLoop
  }

  struct Branch: Sendable {
    var test: Expression
    var body: [Statement]
  }

  struct Loop: Sendable {
    var target: Target
    var iterable: Expression
    /// Items for which it is false are passed over and not counted.
    var condition: Expression?
    var body: [Statement]
    /// Runs when no round came to its end.
    var otherwise: [Statement]
  }

  struct Macro: Sendable {
    struct Parameter: Sendable {
      var name: String
      var fallback: Expression?
    }

    var name: String
    var parameters: [Parameter]
    var body: [Statement]
  }

  var kind: Kind
  var position: TemplatePosition
}

/// What `set` and `for` assign to.
indirect enum Target: Sendable {
  case name(String)
  /// An attribute of a namespace.
  case attribute(of: String, String)
  case tuple([Target])
}

/// One expression of a template.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case name(String)
    case list([Expression])
    case tuple([Expression])
    case dictionary([(key: Expression, value: Expression)])
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression, lower: Expression?, upper: Expression?, step: Expression?)
    case call(Expression, CallArguments)
    case filter(Expression, FilterCall)
    case test(Expression, TestCall)
    case negative(Expression)
    case positive(Expression)
    /// Operators of one precedence, applied from the left.
    case arithmetic(Expression, [(operation: ArithmeticOperator, operand: Expression)])
    /// `~`: the operands as text, one behind the other.
    case concatenation([Expression])
    /// A chain: `a < b < c` is `a < b and b < c`.
    case comparison(Expression, [(operation: ComparisonOperator, operand: Expression)])
    case not(Expression)
    case and([Expression])
    case or([Expression])
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
  }

  var kind: Kind
  var position: TemplatePosition
}

/// Arguments as written at a call, a filter or a test.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
}

/// A filter and its arguments.
struct FilterCall: Sendable {
  var filter: Filter
  var arguments: CallArguments
  var position: TemplatePosition
}

/// A test (`is …`) and its arguments.
struct TestCall: Sendable {
  var test: ValueTest
  var arguments: CallArguments
}

/// Arithmetic with the meaning it has in Python.
enum ArithmeticOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case power = "**"
}

/// Comparisons with the meaning they have in Python.
enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case contained = "in"
  case notContained = "not in"
}
