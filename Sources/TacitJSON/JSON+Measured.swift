extension JSON {
  /// The number, or its name as a string where JSON has none for it: "nan", "inf", "-inf".
  public init(measured number: Double) {
    self = number.isFinite ? .number(number) : .string(number.description)
  }

  /// The value with every number that JSON cannot express replaced by its name.
  public var expressible: JSON {
    switch self {
    case .number(let number): JSON(measured: number)
    case .array(let elements): .array(elements.map(\.expressible))
    case .object(let members): .object(members.mapValues(\.expressible))
    default: self
    }
  }
}
