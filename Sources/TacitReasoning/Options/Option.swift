import TacitFault

/// One option of a plugin or of a group of options: a property that recipes can set.
///
/// The declaration is the option. The property's label in snake case is the name in recipes, and
/// its value is the default; without one the option must be given, unless its type is optional.
///
/// ```swift
/// @Option("Continuous thoughts.", 0...4096) var latentSteps = 6   // latent_steps, by default 6
/// @Option("Texts that end the decoding.") var stop: [String]?      // unset
/// @Option("The other question.") var question: String              // required
/// ```
@propertyWrapper
public struct Option<Value: Sendable>: Sendable {
  private let declaration: Declaration
  @usableFromInline private(set) var box: Box

  /// What does not change with the value; copies share it.
  private final class Declaration: Sendable {
    let kind: OptionKind
    let summary: String
    let name: String?
    let defaultValue: OptionValue?
    let isRequired: Bool
    let read: @Sendable (OptionValue, PluginRegistry) throws -> Value?
    let write: @Sendable (Value) -> OptionValue?

    init(
      _ summary: String, _ kind: OptionKind, name: String?, value: Value?,
      default defaultValue: OptionValue?,
      read: @escaping @Sendable (OptionValue, PluginRegistry) throws -> Value?,
      write: @escaping @Sendable (Value) -> OptionValue?
    ) {
      self.summary = summary
      self.kind = kind
      self.name = name
      self.defaultValue = defaultValue
      isRequired = value == nil
      self.read = read
      self.write = write
    }
  }

  /// Holds the value, so that reflection, which sees copies only, can set it.
  ///
  /// It is `@unchecked Sendable` because it is written at most once, by the initialiser of
  /// ``Configurable`` that reads options, before anyone else sees the instance.
  @usableFromInline final class Box: @unchecked Sendable {
    @usableFromInline fileprivate(set) var value: Value?
    var isGiven = false

    init(_ value: Value?) { self.value = value }
  }

  /// Declares an option of any kind.
  /// - Parameters:
  ///   - summary: One sentence: what it does.
  ///   - kind: What values it takes.
  ///   - name: Name in recipes; nil is the property's label in snake case.
  ///   - value: The default of the property; nil where the option must be given.
  ///   - defaultValue: The default as recipes would write it; nil is unset.
  ///   - read: Reads a value; nil for one of another kind.
  ///   - write: The value as a recipe would write it; nil where none can.
  init(
    _ summary: String, _ kind: OptionKind, name: String?, value: Value?,
    default defaultValue: OptionValue?,
    read: @escaping @Sendable (OptionValue, PluginRegistry) throws -> Value?,
    write: @escaping @Sendable (Value) -> OptionValue? = { _ in nil }
  ) {
    declaration = Declaration(
      summary, kind, name: name, value: value, default: defaultValue, read: read, write: write)
    box = Box(value)
  }

  /// The value; assigning one changes this copy of the plugin only.
  ///
  /// Inlined into plugins, which read options in their loops.
  @inlinable public var wrappedValue: Value {
    get { box.value ?? unset() }
    set { assign(newValue) }
  }

  @usableFromInline func unset() -> Value {
    fatalError("an option without a default is read before it is set: \"\(declaration.summary)\"")
  }

  @usableFromInline mutating func assign(_ value: Value) { box = Box(value) }
}

extension Option: Equatable where Value: Equatable {
  /// Options are the same when their values are.
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.box.value == rhs.box.value }
}

/// What reflection needs to know of an ``Option`` of any type.
protocol OptionProperty {
  /// The option of a property with this label.
  func specification(label: String) -> OptionSpecification
  /// Whether it has a value or may be without one.
  var isSet: Bool { get }
  /// The value as a recipe would write it; nil where it is unset or none can.
  var optionValue: OptionValue? { get }
  /// Takes a normalized value; false when it is of another kind.
  func give(_ value: OptionValue, _ registry: PluginRegistry) throws -> Bool
}

extension Option: OptionProperty {
  func specification(label: String) -> OptionSpecification {
    OptionSpecification(
      name: declaration.name ?? label.snakeCased, kind: declaration.kind,
      defaultValue: declaration.defaultValue, isRequired: declaration.isRequired,
      summary: declaration.summary)
  }

  var isSet: Bool { box.value != nil }

  var optionValue: OptionValue? { box.value.flatMap(declaration.write) }

  func give(_ value: OptionValue, _ registry: PluginRegistry) throws -> Bool {
    guard let value = try declaration.read(value, registry) else { return false }
    guard !box.isGiven else {
      throw Fault(
        "\(Self.self)", message: "two instances share the option \"\(declaration.summary)\"",
        hint: "a group's default must be made anew: @OptionGroup var group = Group()")
    }
    box.value = value
    box.isGiven = true
    return true
  }
}
