import TacitFault

extension Fault {
  /// "subject: expected this, got that".
  init(_ subject: String, expected: String, got found: String, hint: String? = nil) {
    self.init(subject, message: "expected \(expected), got \(found)", hint: hint)
  }

  /// The same fault with words before its message.
  func prefixed(_ words: String) -> Fault {
    var fault = self
    fault.message = words + message
    return fault
  }

  /// Reads back `file:line: message` and the hint below it, where the file is one of `files`.
  init(luaMessage: String, files: [String]) {
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
      file, line: line, message: String(parts[0]), hint: parts.count > 1 ? String(parts[1]) : nil)
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
