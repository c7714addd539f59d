/// A checkpoint that cannot be found, read or used.
public struct CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// File or folder at fault.
  public var path: String
  /// Key, tensor or byte offset within the file; nil when the whole file is meant.
  public var location: String?
  /// What was expected.
  public var expected: String
  /// What was found instead.
  public var found: String
  /// What the user can do about it.
  public var hint: String?

  /// Describes a fault.
  public init(
    path: String, location: String? = nil, expected: String, found: String, hint: String? = nil
  ) {
    self.path = path
    self.location = location
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// "model.safetensors: tensor 'x': expected …, found …" and the hint on a line of its own.
  public var description: String {
    let place = location.map { "\(path): \($0)" } ?? path
    return "\(place): expected \(expected), found \(found)" + (hint.map { "\n  \($0)" } ?? "")
  }
}
