/// The part of a completion that states the answer.
///
/// What follows the last `</think>`, of that what follows the last run of three or more `#`, of
/// that the inside of the last `\boxed{…}`; each step only where the mark is there and something
/// follows it.
public func answer(in text: String) -> String {
  var rest = afterThinking(text)
  if let marked = afterLastMark(rest), !trimmed(marked).isEmpty { rest = marked }
  return lastBoxed(in: rest) ?? trimmed(rest)
}

/// What follows the last `</think>`, or everything.
func afterThinking(_ text: String) -> Substring {
  after(last: "</think>", in: text[...]) ?? text[...]
}

/// What follows the last run of three or more `#`; nil when there is none.
func afterLastMark(_ text: Substring) -> Substring? {
  after(last: "###", in: text)
}

/// What follows the last occurrence of a mark, byte by byte; nil when there is none.
private func after(last mark: String, in text: Substring) -> Substring? {
  guard let lastByte = mark.utf8.last else { return nil }
  var head = text.utf8
  while let index = head.lastIndex(of: lastByte) {
    head = head[...index]
    if head.suffix(mark.utf8.count).elementsEqual(mark.utf8) {
      return text[head.endIndex...]
    }
    head.removeLast()
  }
  return nil
}

/// Without white space at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first?.isWhitespace == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
