/// The options that the properties of a type declare, found by reflection.
struct OptionReflection {
  /// Options in the order of declaration; those of a group stand in its place.
  private(set) var options: [(specification: OptionSpecification, property: any OptionProperty)] =
    []
  /// Groups, each after those within it.
  private(set) var groups: [any Configurable] = []

  /// - Throws: ``DeclarationError`` for a property that is no option, two options of one name and a
  ///   default that the option would refuse.
  init(_ subject: any Configurable) throws(DeclarationError) {
    let type = "\(Swift.type(of: subject))"
    try collect(subject, type)
    var names: Set<String> = []
    for (option, _) in options {
      guard names.insert(option.name).inserted else {
        throw DeclarationError(type, "two options have the name '\(option.name)'")
      }
      guard option.defaultValue.map({ option.kind.accepts($0) }) ?? true else {
        throw DeclarationError(
          type,
          "the default \(option.defaultText) of option '\(option.name)' is not "
            + option.kind.expectation)
      }
    }
  }

  private mutating func collect(
    _ subject: any Configurable, _ type: String
  ) throws(DeclarationError) {
    for child in Mirror(reflecting: subject).children {
      let label = child.label ?? ""
      switch child.value {
      case let option as any OptionProperty:
        options.append((option.specification(label: String(label.dropFirst())), option))
      case let property as any OptionGroupProperty:
        try collect(property.group, "\(Swift.type(of: property.group)) in \(type)")
        groups.append(property.group)
      default:
        throw DeclarationError(
          type, "the stored property '\(label)' is not an option",
          hint: "declare it with @Option or @OptionGroup, or compute it")
      }
    }
  }
}

/// A programmer's mistake in the declaration of a plugin.
public struct DeclarationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The type at fault.
  public let type: String
  /// What is wrong with it.
  public let message: String
  /// What to do about it.
  public let hint: String?

  init(_ type: String, _ message: String, hint: String? = nil) {
    self.type = type
    self.message = message
    self.hint = hint
  }

  /// "EchoStage: two options have the name 'n'", and the hint on a line of its own.
  public var description: String { "\(type): \(message)" + (hint.map { "\n  \($0)" } ?? "") }
}

extension OptionKind {
  /// Whether a number lies within bounds and a name is one of the choices.
  func accepts(_ value: OptionValue) -> Bool {
    switch (self, value) {
    case (.integer(let minimum, let maximum), .integer(let value)):
      value >= minimum ?? .min && value <= maximum ?? .max
    case (.number(let minimum, let maximum), .number(let value)):
      value >= minimum ?? -.infinity && value <= maximum ?? .infinity
    default: true
    }
  }
}

extension Configurable {
  /// Makes one with checked options by name; those that are left out keep their defaults.
  /// - Throws: ``ReasoningError`` for options that do not exist, lack a value, are of another kind
  ///   or contradict each other; ``DeclarationError``.
  init(
    options values: [String: OptionValue], of subject: String, registry: PluginRegistry
  ) throws {
    self.init()
    let reflection = try OptionReflection(self)
    let names = Set(reflection.options.map(\.specification.name))
    if let unknown = values.keys.filter({ !names.contains($0) }).min() {
      throw ReasoningError(
        location: subject, expected: "an option that exists", found: "'\(unknown)'")
    }
    for (option, property) in reflection.options {
      guard let value = values[option.name] else {
        guard option.isRequired else { continue }
        throw ReasoningError(
          location: "\(subject), option '\(option.name)'", expected: option.kind.expectation,
          found: "nothing")
      }
      guard try property.give(value, registry) else {
        throw ReasoningError(
          location: "\(subject), option '\(option.name)'", expected: option.kind.expectation,
          found: "a value of another kind")
      }
    }
    for group in reflection.groups { try group.validate() }
    try validate()
  }
}
