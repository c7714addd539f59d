import TacitFault
import TacitJSON

/// A value of a tokenizer file together with its place, for errors that name it.
struct TokenizerNode {
  let value: JSON
  let path: String
  let keyPath: String

  func error(expected: String, found: String? = nil, hint: String? = nil) -> Fault {
    Fault(path, keyPath, expected: expected, found: found ?? excerpt, hint: hint)
  }

  /// The value as an error shows it.
  private var excerpt: String {
    guard let text = try? value.text() else { return value.kind }
    return text.count <= 80 ? text : "\(value.kind) starting \(text.prefix(60))"
  }

  /// The member of a key; nil when it is missing or null.
  subscript(key: String) -> TokenizerNode? {
    guard let member = value[key], !member.isNull else { return nil }
    return TokenizerNode(value: member, path: path, keyPath: extend(key))
  }

  func required(_ key: String, _ expected: String) throws(Fault) -> TokenizerNode {
    if let member = self[key] { return member }
    throw Fault(path, extend(key), expected: expected, found: "nothing")
  }

  private func extend(_ key: String) -> String { keyPath.isEmpty ? key : "\(keyPath).\(key)" }

  func string() throws(Fault) -> String {
    guard let string = value.string else { throw error(expected: "a string") }
    return string
  }

  func nonEmptyString() throws(Fault) -> [UInt8] {
    guard let string = value.string, !string.isEmpty else {
      throw error(expected: "a string that is not empty")
    }
    return Array(string.utf8)
  }

  func scalar() throws(Fault) -> [UInt8] {
    guard let string = value.string, string.unicodeScalars.count == 1 else {
      throw error(expected: "a string of one character")
    }
    return Array(string.utf8)
  }

  func integer(in range: Range<Int>) throws(Fault) -> Int {
    guard let integer = value.integer, range.contains(integer) else {
      throw error(expected: "an integer from \(range.lowerBound) to \(range.upperBound - 1)")
    }
    return integer
  }

  func elements() throws(Fault) -> [TokenizerNode] {
    guard let elements = value.array else { throw error(expected: "an array") }
    return elements.enumerated().map { index, element in
      TokenizerNode(value: element, path: path, keyPath: "\(keyPath)[\(index)]")
    }
  }

  func boolean(_ key: String, default fallback: Bool) throws(Fault) -> Bool {
    guard let member = self[key] else { return fallback }
    guard let boolean = member.value.boolean else {
      throw member.error(expected: "true or false")
    }
    return boolean
  }

  /// The member `type`, after a check that this is an object.
  func type(_ known: String) throws(Fault) -> String {
    guard value.object != nil else { throw error(expected: "an object with a \"type\"") }
    return try required("type", known).string()
  }

  /// An option that this reader does not implement must be absent, null or neutral.
  func reject(_ key: String, unless neutral: JSON...) throws(Fault) {
    guard let member = self[key], !neutral.contains(member.value) else { return }
    throw member.error(expected: "null", hint: "this option is not supported")
  }

  func allow(_ keys: String...) throws(Fault) {
    for key in value.object?.keys ?? [] where !keys.contains(key) {
      throw Fault(
        path, extend(key), expected: "one of " + keys.joined(separator: ", "),
        found: "the key \"\(key)\"")
    }
  }
}
