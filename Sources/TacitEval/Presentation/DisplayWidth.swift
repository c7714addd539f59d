import TacitJSON

/// Columns that a text takes on a terminal: two for wide East Asian characters and emoji.
func displayWidth(_ text: String) -> Int {
  text.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ character: Character) -> Int {
  guard let first = character.unicodeScalars.first else { return 0 }
  switch first.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control: return 0
  default: break
  }
  let isEmoji =
    first.properties.isEmojiPresentation
    || character.unicodeScalars.dropFirst().contains("\u{FE0F}")
  return isEmoji || wideRanges.contains { $0.contains(first.value) } ? 2 : 1
}

/// The blocks of Unicode's EastAsianWidth.txt that are wide or full width throughout.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
  0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
  0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]

/// The text with every active character replaced by a blank, so that it stays in its place.
func singleLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isActive ? " " : $0 }))
}
