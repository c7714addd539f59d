/// A recipe, model or question that do not fit together, found before or while a stage runs.
public struct ReasoningError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Stage, option or model at fault.
  public var location: String
  /// What was expected.
  public var expected: String
  /// What was found instead.
  public var found: String
  /// What the user can do about it.
  public var hint: String?

  /// Describes a fault.
  public init(location: String, expected: String, found: String, hint: String? = nil) {
    self.location = location
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// "stage 'coconut': expected …, found …" and the hint on a line of its own.
  public var description: String {
    "\(location): expected \(expected), found \(found)" + (hint.map { "\n  \($0)" } ?? "")
  }
}
