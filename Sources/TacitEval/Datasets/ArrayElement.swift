/// Where an element of a JSON array lies in its text.
struct ArrayElement {
  let range: Range<Int>
  /// The line on which it begins, from 1.
  let line: Int

  /// The elements of a text that is an array of them with commas between; nil for most other texts.
  ///
  /// Of an element nothing is checked but that its brackets close: blanks after it belong to it.
  static func find(in bytes: [UInt8]) -> [ArrayElement]? {
    var elements: [ArrayElement] = []
    var (line, depth, start, startLine) = (1, 0, -1, 1)
    var (isInString, isEscaped, isClosed) = (false, false, false)
    for (offset, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isInString {
        isInString = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      if isBlank(byte) { continue }
      if depth == 0 {
        guard byte == UInt8(ascii: "["), !isClosed else { return nil }
        depth = 1
        continue
      }
      if depth == 1, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
        isClosed = byte == UInt8(ascii: "]")
        if start >= 0 {
          elements.append(ArrayElement(range: start..<offset, line: startLine))
        } else if !isClosed || !elements.isEmpty {
          return nil
        }
        start = -1
        if isClosed { depth = 0 }
        continue
      }
      if start < 0 { (start, startLine) = (offset, line) }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return isClosed ? elements : nil
  }
}

/// Whether a byte may stand between the tokens of JSON.
func isBlank(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}
