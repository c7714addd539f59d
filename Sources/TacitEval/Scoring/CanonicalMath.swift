/// A LaTeX answer in one canonical form: numbers as reduced fractions, lists piece by piece.
///
/// Left out are white space and spacing commands, `$`, percent and degree signs, `\left`, `\right`,
/// units in `\text{}` behind something, a final full stop, and "x =" before a single right side.
/// "0.5", "1/2", "\frac12" and ".50" give "1/2"; "1,234" gives "1234"; "\text{Monday}" gives
/// "Monday"; "(1, 0.5)" gives "(1,1/2)"; "2\frac{1}{2}" is two and a half. Texts of more than
/// 4096 bytes are no answers and only trimmed.
func canonicalMath(_ answer: String) -> String {
  guard answer.utf8.count <= 4096 else { return trimmed(answer) }
  var tokens = latexTokens(answer).filter { !silentTokens.contains($0) }
  tokens = withoutDegrees(tokens.map { fractionCommands.contains($0) ? "\\frac" : $0 })
  tokens = withoutTextCommands(tokens).filter { !$0.allSatisfy(\.isWhitespace) }
  while let last = tokens.last, [".", ",", ";"].contains(last) { tokens.removeLast() }
  if tokens.count > 2, tokens[1] == "=", tokens[0].first?.isLetter == true,
    !tokens[2...].contains("=")
  {
    tokens.removeFirst(2)
  }
  return canonicalList(braced(tokens).joined().replacing("{,}", with: ","))
}

private let silentTokens: Set<String> = [
  "\\left", "\\right", "\\!", "\\,", "\\;", "\\:", "\\ ", "\\quad", "\\qquad", "~", "$", "\\$",
  "%", "\\%", "°", "\\degree", "\\displaystyle", "\\(", "\\)",
]
private let fractionCommands: Set<String> = ["\\dfrac", "\\tfrac", "\\cfrac"]
private let textCommands: Set<String> = ["\\text", "\\textbf", "\\textrm", "\\mathrm", "\\mbox"]

/// Commands with their backslash, and single characters.
private func latexTokens(_ text: String) -> [String] {
  var tokens: [String] = []
  var rest = text[...]
  while let first = rest.popFirst() {
    var token = String(first)
    if first == "\\" {
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      let taken = name.isEmpty ? rest.prefix(1) : name
      token += taken
      rest = rest.dropFirst(taken.count)
    }
    tokens.append(token == "−" ? "-" : token)
  }
  return tokens
}

private func withoutDegrees(_ tokens: [String]) -> [String] {
  var kept: [String] = []
  for token in tokens {
    kept.append(token)
    for degrees in [["^", "\\circ"], ["^", "{", "\\circ", "}"]] where kept.hasSuffix(degrees) {
      kept.removeLast(degrees.count)
    }
  }
  return kept
}

extension [String] {
  fileprivate func hasSuffix(_ other: [String]) -> Bool { suffix(other.count).elementsEqual(other) }
}

/// Without units, which are text at the end with at most an exponent behind it; other text stays.
private func withoutTextCommands(_ tokens: [String]) -> [String] {
  var kept: [String] = []
  var index = 0
  while index < tokens.count {
    guard textCommands.contains(tokens[index]), let close = closingBrace(tokens, after: index)
    else {
      kept.append(tokens[index])
      index += 1
      continue
    }
    let rest = tokens[(close + 1)...].filter { !["{", "}"].contains($0) && $0 != " " }
    let isLast = rest.isEmpty || rest.first == "^" && rest.count == 2 || rest == ["."]
    if isLast, kept.contains(where: { !$0.allSatisfy(\.isWhitespace) }) { return kept }
    kept += tokens[(index + 2)..<close]
    index = close + 1
  }
  return kept
}

/// The place of the brace that closes the group right behind a command.
private func closingBrace(_ tokens: [String], after command: Int) -> Int? {
  guard tokens.indices.contains(command + 1), tokens[command + 1] == "{" else { return nil }
  var depth = 0
  for index in (command + 1)..<tokens.count {
    if tokens[index] == "{" { depth += 1 }
    if tokens[index] == "}" { depth -= 1 }
    if depth == 0 { return index }
  }
  return nil
}

/// Puts braces around arguments of one token: `\frac12`, `\sqrt3`, `x^2`.
private func braced(_ tokens: [String]) -> [String] {
  var result: [String] = []
  /// Arguments that are still due, for each open group.
  var due = [0]
  var isInDegreeOfRoot = false
  for (index, token) in tokens.enumerated() {
    let level = due.count - 1
    let arguments = ["\\frac": 2, "\\sqrt": 1, "^": 1, "_": 1][token]
    if token == "[", index > 0, tokens[index - 1] == "\\sqrt" { isInDegreeOfRoot = true }
    defer { if token == "]" { isInDegreeOfRoot = false } }
    if let arguments {
      due[level] += arguments
      result.append(token)
    } else if token == "{" {
      due[level] = max(0, due[level] - 1)
      due.append(0)
      result.append(token)
    } else if token == "}" {
      if level > 0 { due.removeLast() }
      result.append(token)
    } else if due[level] > 0, !isInDegreeOfRoot {
      due[level] -= 1
      result += ["{", token, "}"]
    } else {
      result.append(token)
    }
  }
  return result
}

/// Every piece of a list in canonical form, a list of one in parentheses as its piece.
private func canonicalList(_ text: String) -> String {
  if let number = groupedNumber(text) { return number }
  for (open, close) in [("(", ")"), ("[", "]"), ("\\{", "\\}"), ("(", "]"), ("[", ")")]
  where text.hasPrefix(open) && text.hasSuffix(close) && text.count >= open.count + close.count {
    let pieces = pieces(text.dropFirst(open.count).dropLast(close.count))
    guard let pieces else { continue }
    if pieces.count == 1, open == "(", close == ")" { return canonicalPiece(pieces[0]) }
    return open + pieces.map(canonicalPiece).joined(separator: ",") + close
  }
  return (pieces(text[...]) ?? [text[...]]).map(canonicalPiece).joined(separator: ",")
}

private func canonicalPiece(_ piece: Substring) -> String {
  Rational(piece)?.description ?? String(piece)
}

/// "1,234,567.5" as a reduced fraction.
private func groupedNumber(_ text: String) -> String? {
  guard text.wholeMatch(of: /-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?/) != nil else { return nil }
  return canonicalPiece(text.replacing(",", with: "")[...])
}

/// What the commas outside all brackets divide; nil when a bracket closes that did not open.
private func pieces(_ text: Substring) -> [Substring]? {
  var pieces: [Substring] = []
  var depth = 0
  var start = text.startIndex
  for index in text.indices {
    switch text[index] {
    case "(", "[", "{": depth += 1
    case ")", "]", "}": depth -= 1
    case "," where depth == 0:
      pieces.append(text[start..<index])
      start = text.index(after: index)
    default: break
    }
    if depth < 0 { return nil }
  }
  return pieces + [text[start...]]
}
