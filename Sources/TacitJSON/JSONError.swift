/// Text that is not JSON, or a value that JSON cannot express.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// Line of the fault, from 1; nil when a value could not be written.
  public var line: Int?
  /// Column of the fault in bytes, from 1.
  public var column: Int?

  /// "line 3, column 7: unexpected character".
  public var description: String {
    guard let line, let column else { return message }
    return "line \(line), column \(column): \(message)"
  }
}
