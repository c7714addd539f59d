/// Something whose options are properties: a plugin, or options that several plugins share.
public protocol Configurable: Sendable {
  /// Makes one with all defaults.
  init()

  /// Finds options that contradict each other, once their values are set.
  /// - Throws: ``ReasoningError`` that names them.
  func validate() throws
}

extension Configurable {
  /// By default no options contradict each other.
  public func validate() throws {}
}

/// Options that are declared elsewhere and belong to this plugin, in this place.
@propertyWrapper
public struct OptionGroup<Value: Configurable>: Sendable {
  /// The options.
  public var wrappedValue: Value

  /// Takes in a group made by its `init()`.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension OptionGroup: Equatable where Value: Equatable {}

/// What reflection needs to know of an ``OptionGroup`` of any type.
protocol OptionGroupProperty {
  var group: any Configurable { get }
}

extension OptionGroup: OptionGroupProperty {
  var group: any Configurable { wrappedValue }
}
