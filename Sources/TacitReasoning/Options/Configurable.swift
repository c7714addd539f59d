import OrderedCollections
import TacitFault

/// Something whose options are properties: a plugin, or options that several plugins share.
public protocol Configurable: Sendable {
  /// Makes one with all defaults.
  init()

  /// Finds options that contradict each other, once their values are set.
  /// - Throws: `Fault` that names them.
  func validate() throws
}

extension Configurable {
  /// By default no options contradict each other.
  public func validate() throws {}

  /// The options, in the order of declaration.
  public static var declaredOptions: [OptionSpecification] {
    OptionReflection(tolerating: Self()).options.map(\.specification)
  }

  /// All options that are set, defaults included, in the order of declaration.
  public var optionValues: OrderedDictionary<String, OptionValue> {
    var values: OrderedDictionary<String, OptionValue> = [:]
    for (option, property) in OptionReflection(tolerating: self).options {
      values[option.name] = property.optionValue
    }
    return values
  }

  /// Makes one with these options; those that are left out keep their defaults.
  /// - Parameters:
  ///   - values: Options by name.
  ///   - registry: Makes the plugins among them.
  /// - Throws: ``Fault`` for options that do not exist, lack a value, are of another kind or
  ///   out of range; what `validate` throws; ``Fault``.
  public init(
    options values: some Sequence<(key: String, value: OptionValue)>,
    registry: PluginRegistry = .empty
  ) throws {
    self.init()
    let values = Dictionary(uniqueKeysWithValues: values.map { ($0.key, $0.value) })
    let reflection = try OptionReflection(self)
    let names = reflection.options.map(\.specification.name)
    if let unknown = values.keys.filter({ !names.contains($0) }).min() {
      throw Fault(
        message: "unknown option '\(unknown)'",
        hint: Suggestion(names: names, noun: "options").hint(for: unknown))
    }
    for (option, property) in reflection.options {
      try property.take(values[option.name], as: option, registry)
    }
    for group in reflection.groups { try group.validate() }
    try validate()
  }

  /// Checks one that Swift code made as those are checked that recipes make.
  /// - Throws: as ``init(options:registry:)``.
  func checkOptions() throws {
    let reflection = try OptionReflection(self)
    for (option, property) in reflection.options {
      let value = property.optionValue
      guard property.isSet, value.map({ option.kind.normalized($0) != nil }) ?? true else {
        throw Fault(
          option: option.name, expected: option.kind.expectation,
          found: value?.described ?? "nothing")
      }
    }
    for group in reflection.groups { try group.validate() }
    try validate()
  }
}

extension OptionProperty {
  /// Takes the value of an option; nil is none.
  fileprivate func take(
    _ value: OptionValue?, as option: OptionSpecification, _ registry: PluginRegistry
  ) throws {
    guard let value else {
      guard !option.isRequired else {
        throw Fault(option: option.name, expected: option.kind.expectation, found: "nothing")
      }
      return
    }
    do {
      guard let normalized = option.kind.normalized(value), try give(normalized, registry) else {
        throw Fault(expected: option.kind.expectation, found: value.described)
      }
    } catch let fault as Fault where fault.place.isEmpty {
      throw fault.below(option.name)
    }
  }
}
