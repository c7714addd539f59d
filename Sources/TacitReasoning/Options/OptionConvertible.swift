import TacitCheckpoint
import TacitFault

/// A type that options can have.
public protocol OptionConvertible: Sendable {
  /// What values it takes.
  static var optionKind: OptionKind { get }
  /// What stands for an option that is left unset; nil where one cannot be.
  static var unset: Self? { get }
  /// Reads a value; nil for one of another kind.
  /// - Throws: ``Fault`` for a fault within the value.
  init?(optionValue: OptionValue) throws
  /// The value as a recipe would give it; nil when it is unset.
  var optionValue: OptionValue? { get }
}

extension OptionConvertible {
  /// By default an option must have a value.
  public static var unset: Self? { nil }
}

/// An enumeration whose raw values are what recipes write.
public protocol OptionChoice: OptionConvertible, CaseIterable, RawRepresentable<String> {}

extension OptionChoice {
  /// One of the raw values.
  public static var optionKind: OptionKind { .choice(allCases.map(\.rawValue)) }

  /// Reads a raw value.
  public init?(optionValue: OptionValue) {
    guard case .string(let name) = optionValue else { return nil }
    self.init(rawValue: name)
  }

  /// The raw value.
  public var optionValue: OptionValue? { .string(rawValue) }
}

extension Bool: OptionConvertible {
  /// A switch.
  public static var optionKind: OptionKind { .boolean }

  /// Reads a switch.
  public init?(optionValue: OptionValue) {
    guard case .boolean(let value) = optionValue else { return nil }
    self = value
  }

  /// The switch.
  public var optionValue: OptionValue? { .boolean(self) }
}

extension String: OptionConvertible, OptionElement {
  /// Any text.
  public static var optionKind: OptionKind { .string }

  /// A list of texts.
  public static var optionListKind: OptionKind { .strings }

  /// Reads a text.
  public init?(optionValue: OptionValue) {
    guard case .string(let value) = optionValue else { return nil }
    self = value
  }

  /// The text.
  public var optionValue: OptionValue? { .string(self) }
}

extension UInt64: OptionConvertible {
  /// A whole number that is not negative, such as a seed.
  public static var optionKind: OptionKind { .integer(minimum: 0, maximum: nil) }

  /// Reads a whole number that is not negative.
  public init?(optionValue: OptionValue) {
    guard let value = Int(optionValue: optionValue) else { return nil }
    self.init(exactly: value)
  }

  /// The number.
  public var optionValue: OptionValue? { .integer(Int(clamping: self)) }
}

extension RecipeFunction: OptionConvertible {
  /// A function.
  public static var optionKind: OptionKind { .function }

  /// Reads a function.
  public init?(optionValue: OptionValue) {
    guard case .function(let value) = optionValue else { return nil }
    self = value
  }

  /// The function.
  public var optionValue: OptionValue? { .function(self) }
}

extension ModuleFile: OptionConvertible {
  /// The file of a trained part.
  public static var optionKind: OptionKind { .module }

  /// Takes an open file.
  public init?(optionValue: OptionValue) {
    guard case .module(let value) = optionValue else { return nil }
    self = value
  }

  /// The file.
  public var optionValue: OptionValue? { .module(self) }
}

extension Optional: OptionConvertible where Wrapped: OptionConvertible {
  /// What the wrapped type takes.
  public static var optionKind: OptionKind { Wrapped.optionKind }

  /// Nil stands for an unset option.
  public static var unset: Self? { .some(nil) }

  /// Reads a value of the wrapped type.
  public init?(optionValue: OptionValue) throws {
    guard let value = try Wrapped(optionValue: optionValue) else { return nil }
    self = value
  }

  /// The wrapped value, if there is one.
  public var optionValue: OptionValue? { self?.optionValue }
}

/// A type that options can have lists of.
public protocol OptionElement: OptionConvertible {
  /// What a list of it takes.
  static var optionListKind: OptionKind { get }
}

extension OptionElement where Self: OptionChoice {
  /// A list of the raw values.
  public static var optionListKind: OptionKind { .choices(allCases.map(\.rawValue)) }
}

extension Array: OptionConvertible where Element: OptionElement {
  /// A list.
  public static var optionKind: OptionKind { Element.optionListKind }

  /// Reads a list.
  public init?(optionValue: OptionValue) throws {
    guard case .list(let values) = optionValue else { return nil }
    self = []
    for (index, value) in values.enumerated() {
      do throws(any Error) {
        guard let element = try Element(optionValue: value) else { return nil }
        append(element)
      } catch let fault as Fault where fault.place.isEmpty {
        throw fault.below("[\(index + 1)]")
      }
    }
  }

  /// The list.
  public var optionValue: OptionValue? { .list(compactMap(\.optionValue)) }
}
