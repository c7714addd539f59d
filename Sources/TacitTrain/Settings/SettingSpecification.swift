import TacitJSON

/// One setting of a training recipe: name, kind, default and meaning.
///
/// Declarations check recipes, fill in defaults, and become the stubs of editors.
public struct SettingSpecification: Sendable {
  /// What values a setting takes.
  public indirect enum Kind: Sendable {
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// A number within bounds.
    case number(ClosedRange<Double>)
    /// Any text that is not empty.
    case string
    /// One of the named values.
    case choice([String])
    /// A list of whole numbers within bounds.
    case integers(ClosedRange<Int>)
    /// A ``Schedule`` whose values lie within bounds.
    case schedule(ClosedRange<Double>)
    /// Settings below this one.
    case table([SettingSpecification])
    /// A list of tables with at least one element.
    case tables([SettingSpecification])
  }

  /// Name in recipes, in snake case.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// Value when the recipe says nothing; nil is unset.
  public let defaultValue: JSON?
  /// Whether the recipe must give it.
  public let isRequired: Bool
  /// One sentence: what it does.
  public let summary: String

  /// A setting that may be left out.
  static func optional(
    _ name: String, _ kind: Kind, default value: JSON? = nil, _ summary: String
  ) -> Self {
    Self(name: name, kind: kind, defaultValue: value, isRequired: false, summary: summary)
  }

  /// A setting that must be given.
  static func required(_ name: String, _ kind: Kind, _ summary: String) -> Self {
    Self(name: name, kind: kind, defaultValue: nil, isRequired: true, summary: summary)
  }
}

extension SettingSpecification.Kind {
  /// What is accepted, as an error message and the help say it: "an integer from 1 to 64".
  public var expectation: String {
    switch self {
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
    case .string: "a string"
    case .choice(let values): "one of " + values.map { "\"\($0)\"" }.joined(separator: ", ")
    case .integers(let range):
      "a list of integers from \(range.lowerBound) to \(range.upperBound)"
    case .schedule(let range):
      "a number from \(short(range.lowerBound)) to \(short(range.upperBound)), or a list of "
        + "{share of the run, number} in order"
    case .table: "a table"
    case .tables: "a list of tables"
    }
  }
}

/// Whole numbers without a fraction.
private func short(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? "\(number)"
}
