/// Reads Unicode scalars out of bytes that are valid UTF-8.
enum UTF8Scalar {
  static func length(leading byte: UInt8) -> Int {
    byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }

  /// The scalar that starts at an index.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (scalar: Unicode.Scalar, length: Int) {
    let first = bytes[index]
    let length = min(length(leading: first), bytes.count - index)
    guard length > 1 else { return (Unicode.Scalar(first), 1) }
    var code = UInt32(first) & (0x7F >> UInt32(length))
    for next in bytes[(index + 1)..<(index + length)] { code = code << 6 | UInt32(next & 0x3F) }
    return (Unicode.Scalar(code) ?? "\u{FFFD}", length)
  }

  /// The scalar that ends before an index.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, before index: Int
  ) -> (scalar: Unicode.Scalar, length: Int) {
    var start = index - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return (read(bytes, at: start).scalar, index - start)
  }

  /// Where the White_Space that starts at an index ends.
  static func endOfBlanks(from index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var end = index
    while end < bytes.count {
      let (scalar, length) = read(bytes, at: end)
      guard scalar.properties.isWhitespace else { break }
      end += length
    }
    return end
  }

  /// Where the White_Space that ends before an index starts.
  static func startOfBlanks(before index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = index
    while start > 0 {
      let (scalar, length) = read(bytes, before: start)
      guard scalar.properties.isWhitespace else { break }
      start -= length
    }
    return start
  }

  /// How many bytes at the end begin a scalar that more bytes could complete.
  static func incompleteSuffix(of bytes: some BidirectionalCollection<UInt8>) -> Int {
    var following: [UInt8] = []
    for byte in bytes.reversed().prefix(3) {
      if byte & 0xC0 == 0x80 {
        following.append(byte)
        continue
      }
      guard byte >= 0xC2, byte <= 0xF4, following.count + 1 < length(leading: byte) else {
        return 0
      }
      // The first byte narrows what the second may be.
      if let second = following.last, !secondBytes(after: byte).contains(second) { return 0 }
      return following.count + 1
    }
    return 0
  }

  private static func secondBytes(after first: UInt8) -> ClosedRange<UInt8> {
    switch first {
    case 0xE0: 0xA0...0xBF
    case 0xED: 0x80...0x9F
    case 0xF0: 0x90...0xBF
    case 0xF4: 0x80...0x8F
    default: 0x80...0xBF
    }
  }
}

extension Unicode.Scalar {
  /// Of the category N, as the pre-tokenizer Digits counts them.
  var isNumeric: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// ASCII punctuation and symbols, and everything of the category P.
  var isPunctuation: Bool {
    if isASCII {
      switch value {
      case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
      default: return false
      }
    }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// Part of a word as Unicode's regular expressions define `\w`.
  var isWordPart: Bool {
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark:
      return true
    default: return false
    }
  }
}
