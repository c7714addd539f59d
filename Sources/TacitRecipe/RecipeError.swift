import TacitReasoning

/// What is wrong with a recipe, and where.
public struct RecipeError: Error, CustomStringConvertible, Sendable {
  /// Path of the file as the user gave it; empty when no file is to blame.
  public let file: String
  /// Line, from 1; nil when the whole file is meant.
  public let line: Int?
  /// What was expected and what was found, in one sentence.
  public let message: String
  /// What to do about it: suggestions, lists of valid names.
  public let hint: String?
  /// Errors of the same recipe that were found along with this one.
  public let further: [RecipeError]
  /// The Swift error that a call of the script threw and the script did not catch.
  public let underlying: (any Error)?

  init(
    file: String = "", line: Int? = nil, _ message: String, hint: String? = nil,
    further: [RecipeError] = [], underlying: (any Error)? = nil
  ) {
    self.file = file
    self.line = line
    self.message = message
    self.hint = hint
    self.further = further
    self.underlying = underlying
  }

  /// "subject: expected this, got that".
  init(_ subject: String, expected: String, got found: String, hint: String? = nil) {
    self.init("\(subject): expected \(expected), got \(found)", hint: hint)
  }

  /// `where: message`, then the indented hint; further errors follow, each in its own paragraph.
  public var description: String {
    let parts = [place.isEmpty ? text : "\(place): \(text)"] + further.map(\.description)
    return parts.joined(separator: "\n\n")
  }

  private var place: String { line.map { "\(file):\($0)" } ?? file }

  /// Message and hint without the place, as a host function raises them at the line of its call.
  var text: String { hint.map { "\(message)\n  \($0)" } ?? message }

  /// The same error with words before its message.
  func prefixed(_ words: String) -> RecipeError {
    RecipeError(
      file: file, line: line, words + message, hint: hint, further: further, underlying: underlying)
  }

  /// Reads back `file:line: message` and the hint below it, where the file is one of `files`.
  init(luaMessage: String, files: [String], underlying: (any Error)? = nil) {
    var message = Self.expandingShortNames(in: luaMessage, files: files)[...]
    var file = ""
    var line: Int?
    for candidate in files where message.hasPrefix(candidate + ":") {
      let rest = message.dropFirst(candidate.count + 1)
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), rest.dropFirst(digits.count).hasPrefix(": ") else { continue }
      (file, line) = (candidate, number)
      message = rest.dropFirst(digits.count + 2)
      break
    }
    let parts = message.split(separator: "\n  ", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      file: file, line: line, String(parts[0]), hint: parts.count > 1 ? String(parts[1]) : nil,
      underlying: underlying)
  }

  /// Lua cuts a path of 60 bytes or more to "..." and its last 56 bytes.
  private static func expandingShortNames(in message: String, files: [String]) -> String {
    for file in files where file.utf8.count >= 60 {
      guard let tail = String(file.utf8.suffix(56)) else { continue }
      let short = "...\(tail):"
      guard message.hasPrefix(short) else { continue }
      return "\(file):" + message.dropFirst(short.count)
    }
    return message
  }
}
