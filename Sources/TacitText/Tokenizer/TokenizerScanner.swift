import TacitFault

/// Reads `model.vocab` and `model.merges` from the bytes of a tokenizer.json and skips the rest.
///
/// Checks what it reads, not what it skips.
struct TokenizerScanner {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var position = 0
  /// The string that was read last.
  private var text: [UInt8] = []

  private(set) var tokens = ByteStrings()
  private(set) var ids: [Int32] = []
  private(set) var merges: ByteStrings?
  /// Where the two lists are, in ascending order.
  private(set) var listRanges: [Range<Int>] = []

  init(bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// - Throws: ``Fault`` with the byte offset.
  mutating func scan() throws(Fault) {
    var models = 0
    try readMembers { (scanner, key) throws(Fault) in
      guard key.elementsEqual("model".utf8) else { return try scanner.skipValue() }
      models += 1
      guard models == 1 else { throw scanner.failure("one \"model\"", "another") }
      guard scanner.next == Ascii.openBrace else { return try scanner.skipValue() }
      try scanner.scanModel()
    }
  }

  private mutating func scanModel() throws(Fault) {
    var hasVocabulary = false
    try readMembers { (scanner, key) throws(Fault) in
      let start = scanner.position
      if key.elementsEqual("vocab".utf8) {
        guard !hasVocabulary else { throw scanner.failure("one \"vocab\"", "another") }
        hasVocabulary = true
        try scanner.readVocabulary()
      } else if key.elementsEqual("merges".utf8) {
        guard scanner.merges == nil else { throw scanner.failure("one \"merges\"", "another") }
        try scanner.readMerges()
      } else {
        return try scanner.skipValue()
      }
      scanner.listRanges.append(start..<scanner.position)
    }
  }

  private mutating func readVocabulary() throws(Fault) {
    try expect(Ascii.openBrace, "an object of tokens and ids at \"vocab\"")
    guard !take(Ascii.closeBrace) else { return }
    repeat {
      try readString()
      tokens.append(text)
      try expect(Ascii.colon, "a colon")
      ids.append(try readID())
    } while take(Ascii.comma)
    try expect(Ascii.closeBrace, "a comma or the end of the vocabulary")
  }

  private mutating func readMerges() throws(Fault) {
    var list = ByteStrings()
    try expect(Ascii.openBracket, "an array of pairs at \"merges\"")
    if !take(Ascii.closeBracket) {
      repeat { try readMerge(into: &list) } while take(Ascii.comma)
      try expect(Ascii.closeBracket, "a comma or the end of the merges")
    }
    merges = list
  }

  /// `["a", "b"]`, or `"a b"` as older files have it.
  private mutating func readMerge(into list: inout ByteStrings) throws(Fault) {
    if take(Ascii.openBracket) {
      try readString()
      list.append(text)
      try expect(Ascii.comma, "the second half of a merge")
      try readString()
      list.append(text)
      try expect(Ascii.closeBracket, "the end of a merge")
      return
    }
    try readString()
    if text.starts(with: "#version".utf8) { return }
    guard let blank = text.firstIndex(of: Ascii.space),
      !text[(blank + 1)...].contains(Ascii.space)
    else { throw failure("a merge of two tokens", "\"\(String(decoding: text, as: UTF8.self))\"") }
    list.append(text[..<blank])
    list.append(text[(blank + 1)...])
  }

  // MARK: JSON

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ expected: String, _ found: String? = nil) -> Fault {
    let shown = next.map { "\"\(String(decoding: [$0], as: UTF8.self))\"" } ?? "the end of the file"
    return Fault(path, "byte \(position)", expected: expected, found: found ?? shown)
  }

  /// Calls `body` at each value of an object.
  private mutating func readMembers(
    _ body: (inout Self, [UInt8]) throws(Fault) -> Void
  ) throws(Fault) {
    try expect(Ascii.openBrace, "an object")
    guard !take(Ascii.closeBrace) else { return }
    repeat {
      try readString()
      let key = text
      try expect(Ascii.colon, "a colon")
      skipBlanks()
      try body(&self, key)
    } while take(Ascii.comma)
    try expect(Ascii.closeBrace, "a comma or the end of the object")
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == Ascii.space || (byte >= 0x09 && byte <= 0x0D) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, _ expected: String) throws(Fault) {
    guard take(byte) else { throw failure(expected) }
  }

  private mutating func readID() throws(Fault) -> Int32 {
    skipBlanks()
    var value: Int32?
    while let byte = next, byte >= Ascii.zero, byte <= Ascii.nine {
      let (product, overflows) = (value ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(Int32(byte - Ascii.zero))
      guard !overflows, !carries else { throw failure("an id below 2^31", "a larger one") }
      value = sum
      position += 1
    }
    guard let value, next != Ascii.dot, next != Ascii.e, next != Ascii.capitalE else {
      throw failure("an id, which is an integer from 0")
    }
    return value
  }

  /// Skips one value of any kind by counting brackets, so that no nesting is too deep.
  private mutating func skipValue() throws(Fault) {
    var depth = 0
    repeat {
      skipBlanks()
      guard let byte = next else { throw failure("a value") }
      switch byte {
      case Ascii.quote: try skipString()
      case Ascii.openBrace, Ascii.openBracket:
        depth += 1
        position += 1
      case Ascii.closeBrace, Ascii.closeBracket:
        guard depth > 0 else { throw failure("a value") }
        depth -= 1
        position += 1
      case Ascii.comma, Ascii.colon:
        guard depth > 0 else { throw failure("a value") }
        position += 1
      default:
        guard !Ascii.endsScalar(byte) else { throw failure("a value") }
        while let byte = next, !Ascii.endsScalar(byte) { position += 1 }
      }
    } while depth > 0
  }

  private mutating func skipString() throws(Fault) {
    position += 1
    while let byte = next, byte != Ascii.quote { position += byte == Ascii.backslash ? 2 : 1 }
    guard next != nil else { throw failure("the end of a string") }
    position += 1
  }

  private mutating func readString() throws(Fault) {
    try expect(Ascii.quote, "a string")
    text.removeAll(keepingCapacity: true)
    while true {
      let start = position
      while let byte = next, byte != Ascii.quote, byte != Ascii.backslash {
        guard byte >= Ascii.space else { throw failure("an escaped control character") }
        position += 1
      }
      text.append(contentsOf: bytes[start..<position])
      guard let byte = next else { throw failure("the end of a string") }
      position += 1
      if byte == Ascii.quote { return }
      try readEscape()
    }
  }

  private mutating func readEscape() throws(Fault) {
    guard let byte = next else { throw failure("the end of a string") }
    position += 1
    switch byte {
    case Ascii.quote, Ascii.backslash, Ascii.slash: text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try readHexadecimal()
      if code & 0xFC00 == 0xD800, next == Ascii.backslash {
        position += 1
        guard next == UInt8(ascii: "u") else { throw failure("the second half of a surrogate") }
        position += 1
        let low = try readHexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw failure("the second half of a surrogate") }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("both halves of a surrogate") }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default:
      position -= 1
      throw failure("an escape")
    }
  }

  private mutating func readHexadecimal() throws(Fault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}

private enum Ascii {
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let slash = UInt8(ascii: "/")
  static let comma = UInt8(ascii: ",")
  static let colon = UInt8(ascii: ":")
  static let dot = UInt8(ascii: ".")
  static let e = UInt8(ascii: "e")
  static let capitalE = UInt8(ascii: "E")
  static let zero = UInt8(ascii: "0")
  static let nine = UInt8(ascii: "9")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")

  static func endsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case comma, colon, quote, openBrace, closeBrace, openBracket, closeBracket: true
    default: byte <= space
    }
  }
}
