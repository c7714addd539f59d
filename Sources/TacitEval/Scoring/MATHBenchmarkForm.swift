/// An answer as the MATH benchmark's code rewrites it before it compares.
///
/// Source: Hendrycks et al. 2021, arXiv:2103.03874, and `math_equivalence.py` of the authors'
/// repository, whose order of steps matters. Nil where that code ends in an error, such as after a
/// `\frac` with nothing behind it; the benchmark then compares the texts as they stand.
func mathBenchmarkForm(_ answer: String) -> String? {
  var text = answer
  for (old, new) in [
    ("\n", ""), ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac"), ("\\left", ""),
    ("\\right", ""), ("^{\\circ}", ""), ("^\\circ", ""), ("\\$", ""),
  ] {
    text = text.replacing(old, with: new)
  }
  let beforeUnits = text.split(separator: "\\text{ ", omittingEmptySubsequences: false)
  guard beforeUnits.count <= 2 else { return nil }
  text = String(beforeUnits[0])
  for (old, new) in [("\\%", ""), (" .", " 0."), ("{.", "{0.")] {
    text = text.replacing(old, with: new)
  }
  if text.isEmpty { return text }
  if text.first == "." { text = "0" + text }
  let sides = text.split(separator: "=", omittingEmptySubsequences: false)
  if sides.count == 2, sides[0].count <= 2 { text = String(sides[1]) }
  guard let withRoots = bracedRoots(text),
    let withFractions = bracedFractions(withRoots.replacing(" ", with: ""))
  else { return nil }
  return withFractions == "0.5" ? "\\frac{1}{2}" : slashAsFraction(withFractions)
}

/// "\sqrt3" as "\sqrt{3}"; nil where nothing follows a root.
private func bracedRoots(_ text: String) -> String? {
  let parts = text.split(separator: "\\sqrt", omittingEmptySubsequences: false)
  var result = String(parts[0])
  for part in parts.dropFirst() {
    guard let first = part.first else { return nil }
    result += first == "{" ? "\\sqrt\(part)" : "\\sqrt{\(first)}\(part.dropFirst())"
  }
  return result
}

/// "\frac12" and "\frac1{2}" as "\frac{1}{2}"; "\frac{1}2" stays, and everything stays when a
/// fraction has one character behind it; nil where it has none.
private func bracedFractions(_ text: String) -> String? {
  let parts = text.split(separator: "\\frac", omittingEmptySubsequences: false)
  var result = String(parts[0])
  for part in parts.dropFirst() {
    guard let first = part.first else { return nil }
    if first == "{" {
      result += "\\frac\(part)"
      continue
    }
    guard let second = part.dropFirst().first else { return text }
    let denominator = second == "{" ? "{" : "{\(second)}"
    result += "\\frac{\(first)}\(denominator)\(part.dropFirst(2))"
  }
  return result
}

/// "3/4" as "\frac{3}{4}" when both are integers written in the shortest way.
private func slashAsFraction(_ text: String) -> String {
  let parts = text.split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count == 2, parts.allSatisfy(isShortestInteger) else { return text }
  return "\\frac{\(parts[0])}{\(parts[1])}"
}

private func isShortestInteger(_ text: Substring) -> Bool {
  let digits = text.first == "-" ? text.dropFirst() : text
  return text == "0"
    || (digits.first.map { $0 != "0" } ?? false) && digits.utf8.allSatisfy { (0x30...0x39) ~= $0 }
}
