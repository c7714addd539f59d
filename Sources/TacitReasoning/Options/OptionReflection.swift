import TacitFault

/// The options that the properties of a type declare, found by reflection.
struct OptionReflection {
  /// Options in the order of declaration; those of a group stand in its place.
  private(set) var options: [(specification: OptionSpecification, property: any OptionProperty)] =
    []
  /// Groups, each after those within it.
  private(set) var groups: [any Configurable] = []

  /// - Throws: ``Fault`` for a property that is no option, two options of one name and a
  ///   default that the option would refuse.
  init(_ subject: any Configurable) throws(Fault) {
    let type = "\(Swift.type(of: subject))"
    try collect(subject, type)
    var names: Set<String> = []
    for (option, _) in options {
      guard names.insert(option.name).inserted else {
        throw Fault(type, message: "two options have the name '\(option.name)'")
      }
      guard option.defaultValue.map({ option.kind.normalized($0) != nil }) ?? true else {
        throw Fault(
          type,
          message: "the default \(option.defaultText) of option '\(option.name)' is not "
            + option.kind.expectation)
      }
    }
  }

  /// What can be told of a declaration that may be faulty; whoever makes one of the type with
  /// options is told the fault.
  init(tolerating subject: any Configurable) {
    try? collect(subject, "\(Swift.type(of: subject))")
  }

  private mutating func collect(
    _ subject: any Configurable, _ type: String
  ) throws(Fault) {
    for child in Mirror(reflecting: subject).children {
      let label = child.label ?? ""
      switch child.value {
      case let option as any OptionProperty:
        options.append((option.specification(label: String(label.dropFirst())), option))
      case let property as any OptionGroupProperty:
        try collect(property.group, "\(Swift.type(of: property.group)) in \(type)")
        groups.append(property.group)
      default:
        throw Fault(
          type, message: "the stored property '\(label)' is not an option",
          hint: "declare it with @Option or @OptionGroup, or compute it")
      }
    }
  }
}
