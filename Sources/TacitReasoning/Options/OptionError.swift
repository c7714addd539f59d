/// An option that is unknown, missing, of the wrong kind or out of range, or that another
/// contradicts.
public struct OptionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where, such as `batches[2].modes[1].feed`.
  public var path: String
  /// What was expected.
  public var expected: String
  /// What was found instead.
  public var found: String
  /// Names that exist where `path` names something unknown.
  public var known: [String]

  /// Describes a fault.
  public init(_ path: String, expected: String, found: String, known: [String] = []) {
    self.path = path
    self.expected = expected
    self.found = found
    self.known = known
  }

  /// The same fault, seen from the table in which this option or element stands.
  public func below(_ place: String) -> OptionError {
    var error = self
    error.path = path.isEmpty || path.hasPrefix("[") ? place + path : "\(place).\(path)"
    return error
  }

  /// "option 'a.b': expected …, found …".
  public var description: String {
    "option '\(path)': expected \(expected), found \(found)"
      + (known.isEmpty ? "" : "\n  all options: " + known.joined(separator: ", "))
  }
}
