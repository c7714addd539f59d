import TacitFault

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A number as Python's arithmetic sees it: Booleans are integers; integers here have 64 bits.
enum Number: Equatable {
  case integer(Int)
  case float(Double)

  init?(_ value: Value) {
    switch value {
    case .boolean(let value): self = .integer(value ? 1 : 0)
    case .integer(let value): self = .integer(value)
    case .float(let value): self = .float(value)
    default: return nil
    }
  }

  var value: Value {
    switch self {
    case .integer(let value): .integer(value)
    case .float(let value): .float(value)
    }
  }

  var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    }
  }

  static func == (left: Number, right: Number) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left == right
    case (.float(let left), .float(let right)): left == right
    case (.integer(let integer), .float(let float)), (.float(let float), .integer(let integer)):
      Int(exactly: float) == integer
    }
  }

  static func < (left: Number, right: Number) -> Bool {
    if case (.integer(let left), .integer(let right)) = (left, right) { return left < right }
    return left.double < right.double
  }

  /// - Throws: ``Fault`` for division by zero and results beyond 64 bits.
  func applying(_ operation: ArithmeticOperator, _ other: Number) throws(Fault)
    -> Number
  {
    if case (.integer(let left), .integer(let right)) = (self, other) {
      return try Self.applying(operation, left, right)
    }
    return .float(try Self.applying(operation, double, other.double))
  }

  private static func applying(_ operation: ArithmeticOperator, _ left: Int, _ right: Int)
    throws(Fault) -> Number
  {
    switch operation {
    case .add: return try checked(left.addingReportingOverflow(right))
    case .subtract: return try checked(left.subtractingReportingOverflow(right))
    case .multiply: return try checked(left.multipliedReportingOverflow(by: right))
    case .divide: return .float(try applying(.divide, Double(left), Double(right)))
    case .power where right < 0: return .float(try applying(.power, Double(left), Double(right)))
    case .power: return .integer(try power(left, right))
    case .floorDivide, .remainder:
      guard right != 0 else { throw Fault(message: "division by zero") }
      let quotient = left.dividedReportingOverflow(by: right)
      guard !quotient.overflow else { return try checked(quotient) }
      let remainder = left - quotient.partialValue * right
      let isInexact = remainder != 0 && (remainder < 0) != (right < 0)
      if operation == .remainder { return .integer(isInexact ? remainder + right : remainder) }
      return .integer(isInexact ? quotient.partialValue - 1 : quotient.partialValue)
    }
  }

  private static func checked(_ result: (partialValue: Int, overflow: Bool))
    throws(Fault) -> Number
  {
    guard !result.overflow else { throw Fault(message: "integer beyond 64 bits") }
    return .integer(result.partialValue)
  }

  private static func power(_ base: Int, _ exponent: Int) throws(Fault) -> Int {
    switch base {
    case 0: return exponent == 0 ? 1 : 0
    case 1: return 1
    case -1: return exponent.isMultiple(of: 2) ? 1 : -1
    default:
      var result = 1
      for _ in 0..<min(exponent, Int.bitWidth) {
        let product = result.multipliedReportingOverflow(by: base)
        guard !product.overflow else { throw Fault(message: "integer beyond 64 bits") }
        result = product.partialValue
      }
      return result
    }
  }

  private static func applying(_ operation: ArithmeticOperator, _ left: Double, _ right: Double)
    throws(Fault) -> Double
  {
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .power:
      guard left != 0 || right >= 0 else { throw Fault(message: "division by zero") }
      let result = pow(left, right)
      guard !result.isNaN || left.isNaN || right.isNaN else {
        throw .unsupported("a complex number")
      }
      guard !result.isInfinite || left.isInfinite || right.isInfinite else {
        throw Fault(message: "number out of range")
      }
      return result
    case .divide, .floorDivide, .remainder:
      guard right != 0 else { throw Fault(message: "division by zero") }
      if operation == .divide { return left / right }
      var remainder = fmod(left, right)
      var quotient = (left - remainder) / right
      if remainder != 0, (remainder < 0) != (right < 0) {
        remainder += right
        quotient -= 1
      } else if remainder == 0 {
        remainder = copysign(0, right)
      }
      if operation == .remainder { return remainder }
      return quotient == 0 ? copysign(0, left / right) : quotient.rounded()
    }
  }
}
