import Mustache
import TacitJSON

/// Escapes hostile text so that all of it is seen and none of it is markup.
///
/// Mustache's own escaping goes by grapheme: a quote that carries a combining mark would pass.
struct VisibleHTML: MustacheContentType {
  func escapeText(_ text: String) -> String { escapedHTML(visible(text)) }
}

/// The text with the five characters of markup as references, scalar by scalar.
func escapedHTML(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The text with control characters as pictures and other invisible ones as "⟦U+202E⟧".
///
/// Newlines and tabs stay, and so do the joiners that scripts and emoji need.
func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if !isHidden(scalar) {
      result.unicodeScalars.append(scalar)
    } else if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) {
      result.unicodeScalars.append(picture)
    } else if scalar.value == 0x7F {
      result += "␡"
    } else {
      let digits = String(scalar.value, radix: 16, uppercase: true)
      result += "⟦U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟧"
    }
  }
  return result
}

private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "\n", "\t": false
  case "\u{AD}", "\u{200B}", "\u{2060}", "\u{FEFF}": true
  default: scalar.isActive
  }
}

/// The first line's worth of a text: newlines become blanks, and what is too long is cut.
func excerpt(of text: String, limit: Int) -> String {
  let start = text.unicodeScalars.prefix(limit + 1)
  let line = singleLine(String(String.UnicodeScalarView(start.prefix(limit))))
  return start.count > limit ? line + "…" : line
}
