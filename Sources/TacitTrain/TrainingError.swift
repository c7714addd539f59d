/// A run that cannot begin or go on.
public struct TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// File, folder or setting at fault.
  public var place: String
  /// What was expected.
  public var expected: String
  /// What was found instead.
  public var found: String
  /// What the user can do about it.
  public var hint: String?

  /// Describes a fault.
  public init(_ place: String, expected: String, found: String, hint: String? = nil) {
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// "place: expected …, found …" and the hint on a line of its own.
  public var description: String {
    "\(place): expected \(expected), found \(found)" + (hint.map { "\n  \($0)" } ?? "")
  }
}
