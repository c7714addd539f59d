import TacitFault

/// The place of the question in the text of a prompt.
enum Placeholder {
  private static let name = "{question}"

  /// The text with the question in its place.
  static func filled(_ text: String, with question: String) -> String {
    var result = ""
    var rest = text[...]
    while let brace = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      let found = rest.utf8[brace...].starts(with: name.utf8)
      let end =
        found ? rest.utf8.index(brace, offsetBy: name.utf8.count) : rest.utf8.index(after: brace)
      result += rest[..<brace]
      result += found ? question : "{"
      rest = rest[end...]
    }
    return result + rest
  }

  /// Refuses a text that has a misspelt placeholder and none for the question, which the model
  /// would never see.
  static func check(_ text: String, option: String) throws(Fault) {
    guard !text.contains(name) else { return }
    let suggestion = Suggestion(names: ["question"], noun: "placeholders")
    for part in text.split(separator: "{").dropFirst() {
      guard let end = part.firstIndex(of: "}") else { continue }
      let name = String(part[..<end])
      guard suggestion.nearest(to: name.lowercased()) != nil else { continue }
      throw Fault(
        option: option, expected: "{question} in the text", found: "{\(name)}",
        hint: "did you mean {question}?")
    }
  }
}
