/// A type that options can have within bounds.
public protocol BoundedOption: OptionConvertible {
  /// What bounds it.
  associatedtype Bound: Comparable & Sendable
  /// What values it takes within bounds; nil is unbounded.
  static func optionKind(minimum: Bound?, maximum: Bound?) -> OptionKind
}

extension Int: BoundedOption, OptionElement {
  /// Any whole number.
  public static var optionKind: OptionKind { .integer(minimum: nil, maximum: nil) }

  /// A list of whole numbers.
  public static var optionListKind: OptionKind { .integers(minimum: nil, maximum: nil) }

  /// A whole number within bounds.
  public static func optionKind(minimum: Int?, maximum: Int?) -> OptionKind {
    .integer(minimum: minimum, maximum: maximum)
  }

  /// Reads a whole number.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case .integer(let value): self = value
    case .number(let value): self.init(exactly: value)
    default: return nil
    }
  }

  /// The number.
  public var optionValue: OptionValue? { .integer(self) }
}

extension Double: BoundedOption {
  /// Any finite number.
  public static var optionKind: OptionKind { .number(minimum: nil, maximum: nil) }

  /// A number within bounds.
  public static func optionKind(minimum: Double?, maximum: Double?) -> OptionKind {
    .number(minimum: minimum, maximum: maximum)
  }

  /// Reads a number.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case .number(let value) where value.isFinite: self = value
    case .integer(let value): self = Double(value)
    default: return nil
    }
  }

  /// The number.
  public var optionValue: OptionValue? { .number(self) }
}

extension Array: BoundedOption where Element == Int {
  /// A list of whole numbers within bounds.
  public static func optionKind(minimum: Int?, maximum: Int?) -> OptionKind {
    .integers(minimum: minimum, maximum: maximum)
  }
}

extension Optional: BoundedOption where Wrapped: BoundedOption {
  /// What the wrapped type takes within bounds.
  public static func optionKind(minimum: Wrapped.Bound?, maximum: Wrapped.Bound?) -> OptionKind {
    Wrapped.optionKind(minimum: minimum, maximum: maximum)
  }
}

/// The bounds of a number: `a...b`, `a...` or `...b`.
public protocol OptionBounds<Bound> {
  /// What bounds.
  associatedtype Bound: Comparable
  /// The least value; nil is unbounded.
  var minimum: Bound? { get }
  /// The greatest value; nil is unbounded.
  var maximum: Bound? { get }
}

extension ClosedRange: OptionBounds {
  /// The lower bound.
  public var minimum: Bound? { lowerBound }
  /// The upper bound.
  public var maximum: Bound? { upperBound }
}

extension PartialRangeFrom: OptionBounds {
  /// The lower bound.
  public var minimum: Bound? { lowerBound }
  /// None.
  public var maximum: Bound? { nil }
}

extension PartialRangeThrough: OptionBounds {
  /// None.
  public var minimum: Bound? { nil }
  /// The upper bound.
  public var maximum: Bound? { upperBound }
}
