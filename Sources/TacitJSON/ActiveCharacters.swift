extension Unicode.Scalar {
  /// Whether a terminal acts on it in place of showing it.
  ///
  /// These are the control characters, line ends among them, and the marks that change the
  /// direction of what follows.
  public var isActive: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension String {
  /// The text as a terminal can show it: active characters but newline and tab as `\u{1b}`.
  public var printable: String {
    guard unicodeScalars.contains(where: { $0.isActive && $0 != "\n" && $0 != "\t" }) else {
      return self
    }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isActive, scalar != "\n", scalar != "\t" {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
