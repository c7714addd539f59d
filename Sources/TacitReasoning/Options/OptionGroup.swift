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
