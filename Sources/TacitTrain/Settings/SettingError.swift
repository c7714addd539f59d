/// A setting that is unknown, missing, of the wrong kind or out of range, or that another
/// contradicts.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where, such as `batches[2].modes[1].feed`.
  public var path: String
  /// What was expected.
  public var expected: String
  /// What was found instead.
  public var found: String
  /// Names that exist where `path` names something unknown.
  public var known: [String]

  /// Describes a fault.
  public init(path: String, expected: String, found: String, known: [String] = []) {
    self.path = path
    self.expected = expected
    self.found = found
    self.known = known
  }

  /// "setting 'a.b': expected …, found …".
  public var description: String {
    "setting '\(path)': expected \(expected), found \(found)"
      + (known.isEmpty ? "" : "\n  all settings: " + known.joined(separator: ", "))
  }
}
