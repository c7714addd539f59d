/// One option as recipes, help and stubs see it: name, kind, default and meaning.
///
/// It is read from a property that ``Option`` declares.
public struct OptionSpecification: Sendable, Equatable {
  /// Name in recipes, in snake case.
  public let name: String
  /// What values it takes.
  public let kind: OptionKind
  /// Value when the recipe says nothing; nil together with `isRequired == false` means "unset".
  public let defaultValue: OptionValue?
  /// Whether the recipe must give it.
  public let isRequired: Bool
  /// One sentence: what it does.
  public let summary: String

  /// The default as help and stubs show it; "unset" where there is none.
  public var defaultText: String {
    defaultValue.map(Self.text) ?? (isRequired ? "required" : "unset")
  }

  private static func text(_ value: OptionValue) -> String {
    switch value {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): "\"\(value)\""
    case .list(let values) where !values.isEmpty:
      "{ " + values.map(text).joined(separator: ", ") + " }"
    default: "{}"
    }
  }
}
