/// Where a completion says what its answer is.
struct AnswerStatements {
  /// Parts behind a mark, the surest first: the inside of the last `\boxed{…}`, the rest of the
  /// line after the last "answer is" or "answer:", what follows the last `###`.
  let marked: [String]
  /// Everything after the thinking.
  let whole: String

  init(in completion: String) {
    let spoken = afterThinking(completion)
    let boxed = lastBoxed(in: spoken)
    let announced = afterAnnouncement(spoken)
    let hashed = afterLastMark(spoken).map { trimmed($0) }
    marked = [boxed, announced, hashed].compactMap { $0 }.filter { !$0.isEmpty }
    whole = trimmed(spoken)
  }
}

/// The rest of the line after the last "answer is", "answer:" or "answer is:", in any case of
/// letters and with the marks of Markdown between.
private func afterAnnouncement(_ text: Substring) -> String? {
  for word in ranges(of: "answer", in: text).reversed() {
    var rest = text[word.upperBound...].drop(while: isDecoration)
    let isVerb = rest.hasPrefix("is") && rest.dropFirst(2).first?.isLetter != true
    if isVerb { rest = rest.dropFirst(2) }
    guard isVerb || rest.first == ":" else { continue }
    rest = rest.drop { isDecoration($0) || $0 == ":" }
    return trimmed(rest.prefix { !$0.isNewline })
  }
  return nil
}

private func isDecoration(_ character: Character) -> Bool {
  character == "*" || character.isWhitespace && !character.isNewline
}

/// Where a word of lower-case ASCII letters stands, in any case.
private func ranges(of word: String, in text: Substring) -> [Range<Substring.Index>] {
  let bytes = Array(text.utf8)
  let pattern = Array(word.utf8)
  var ranges: [Range<Substring.Index>] = []
  var index = text.utf8.startIndex
  for offset in bytes.indices {
    defer { index = text.utf8.index(after: index) }
    guard bytes[offset] | 0x20 == pattern[0], bytes.count - offset >= pattern.count,
      pattern.indices.allSatisfy({ bytes[offset + $0] | 0x20 == pattern[$0] })
    else { continue }
    ranges.append(index..<text.utf8.index(index, offsetBy: pattern.count))
  }
  return ranges
}
