/// The inside of the last `\boxed{…}` whose braces balance, without white space at its ends.
func lastBoxed(in text: Substring) -> String? {
  let mark = "\\boxed"
  var openings: [Substring.Index] = []
  var found: Range<Substring.Index>?
  for index in text.utf8.indices {
    if text.utf8[index] == UInt8(ascii: "{") {
      openings.append(index)
    } else if text.utf8[index] == UInt8(ascii: "}"), let opening = openings.popLast(),
      found.map({ $0.lowerBound < opening }) ?? true, text[..<opening].hasSuffix(mark)
    {
      found = text.utf8.index(after: opening)..<index
    }
  }
  return found.map { trimmed(text[$0]) }
}

/// What stands between the brace at the text's beginning and the one that closes it.
func leadingGroup(of text: Substring) -> Substring? {
  guard text.utf8.first == UInt8(ascii: "{") else { return nil }
  var depth = 0
  for index in text.utf8.indices {
    if text.utf8[index] == UInt8(ascii: "{") { depth += 1 }
    if text.utf8[index] == UInt8(ascii: "}") { depth -= 1 }
    if depth == 0 { return text[text.utf8.index(after: text.startIndex)..<index] }
  }
  return nil
}
