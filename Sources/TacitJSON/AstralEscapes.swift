/// Pairs of escapes that name one character beyond the first plane: `\\ud83d\\ude00`.
///
/// json-c takes the character of some pairs for half of another: of those whose lower 16 bits are
/// themselves in the range of the halves. So pairs are written out before it reads them.
enum AstralEscapes {
  /// The text with its characters in place of such pairs; nil when it has none.
  static func written(out bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while index < bytes.count {
      // Escapes occur in strings only; of two reverse solidi the second begins none.
      guard bytes[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      guard let high = unit(at: index, in: bytes), UTF16.isLeadSurrogate(high),
        let low = unit(at: index + 6, in: bytes), UTF16.isTrailSurrogate(low)
      else {
        index += 2
        continue
      }
      result += bytes[copied..<index]
      result += Array(String(decoding: [high, low], as: UTF16.self).utf8)
      index += 12
      copied = index
    }
    return copied == 0 ? nil : result + Array(bytes[copied...])
  }

  /// The code unit that an escape names.
  private static func unit(at index: Int, in bytes: UnsafeRawBufferPointer) -> UInt16? {
    guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt16 = 0
    for byte in bytes[index + 2..<index + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
