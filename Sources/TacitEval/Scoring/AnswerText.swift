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
  text.ranges(of: "</think>").last.map { text[$0.upperBound...] } ?? text[...]
}

/// What follows the last run of three or more `#`; nil when there is none.
func afterLastMark(_ text: Substring) -> Substring? {
  text.ranges(of: "###").last.map { text[$0.upperBound...].drop { $0 == "#" } }
}

/// Without white space at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first?.isWhitespace == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
