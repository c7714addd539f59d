/// What is wrong with a dataset, a scorer's name or a run folder, and where.
public struct EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Code: String, Sendable {
    /// A dataset file or one of its samples cannot be used.
    case dataset
    /// A scorer is unknown or does not fit the dataset.
    case scorer
    /// A file of a run folder does not hold what a run writes.
    case run
    /// A log of another program does not hold what that program writes.
    case log
    /// The run folder belongs to a run with other settings.
    case mismatch
    /// Another process writes the run folder.
    case locked
    /// The operating system refused to read or write.
    case file
  }

  /// What kind of failure it is.
  public var code: Code
  /// The file or folder, or the name that was looked up.
  public var path: String
  /// Line of the fault, from 1.
  public var line: Int?
  /// Column of the fault in bytes, from 1.
  public var column: Int?
  /// What should have been there.
  public var expected: String
  /// What was there.
  public var found: String
  /// What to do about it.
  public var hint: String?

  init(
    _ code: Code, _ path: String, line: Int? = nil, column: Int? = nil, expected: String,
    found: String, hint: String? = nil
  ) {
    self.code = code
    self.path = path
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// "data.jsonl:17: expected a string under 'question', found an integer".
  public var description: String {
    var text = path
    if let line { text += ":\(line)" }
    if let column { text += ":\(column)" }
    text += ": expected \(expected), found \(found)"
    if let hint { text += "\n  \(hint)" }
    return text
  }
}
