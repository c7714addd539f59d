import TacitFault

/// The place of the question in the text of a prompt.
enum Placeholder {
  /// Refuses a text that has a misspelt placeholder and none for the question, which the model
  /// would never see.
  static func check(_ text: String, option: String) throws(Fault) {
    guard !text.contains("{question}") else { return }
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
