/// The 256 printable characters by which byte-level vocabularies write bytes, GPT-2's choice.
///
/// Printable Latin-1 bytes stand for themselves, the others for U+0100 onwards in their order.
enum ByteAlphabet {
  private static func isPrintable(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
  }

  private static let codes: [UInt32] = {
    var next: UInt32 = 0x100
    return (0...UInt8.max).map { byte in
      if isPrintable(byte) { return UInt32(byte) }
      defer { next += 1 }
      return next
    }
  }()

  /// Code point to byte, or -1; the last code point is U+0143.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, code) in codes.enumerated() { bytes[Int(code)] = Int16(byte) }
    return bytes
  }()

  /// Writes bytes as the UTF-8 of their characters.
  static func encode(_ source: ArraySlice<UInt8>, into target: inout [UInt8]) {
    let codes = codes
    for byte in source {
      let code = codes[Int(byte)]
      if code < 0x80 {
        target.append(UInt8(code))
      } else {
        target.append(UInt8(0xC0 | code >> 6))
        target.append(UInt8(0x80 | code & 0x3F))
      }
    }
  }

  /// Writes the bytes that characters stand for; the text itself when one stands for none.
  static func decode(_ source: ArraySlice<UInt8>, into target: inout [UInt8]) {
    let bytes = bytes
    let start = target.count
    var index = source.startIndex
    while index < source.endIndex {
      var code = Int(source[index])
      if code >= 0xC0, code < 0xE0, index + 1 < source.endIndex {
        code = (code & 0x1F) << 6 | Int(source[index + 1] & 0x3F)
        index += 1
      } else if code >= 0x80 {
        code = bytes.count
      }
      guard code < bytes.count, bytes[code] >= 0 else {
        target.removeSubrange(start...)
        target.append(contentsOf: source)
        return
      }
      target.append(UInt8(bytes[code]))
      index += 1
    }
  }
}
