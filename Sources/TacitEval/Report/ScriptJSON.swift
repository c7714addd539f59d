import TacitFault
import TacitJSON

extension JSON {
  /// Compact text for the inside of a script element, which nothing in it can end.
  /// - Throws: ``Fault`` for NaN and infinities.
  func scriptText() throws(Fault) -> String {
    let text: String
    do {
      text = try self.text()
    } catch {
      throw Fault("report", expected: "finite numbers", found: error.message)
    }
    // Outside strings JSON has none of these characters, so escapes of strings are enough.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "<"): bytes += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): bytes += Array("\\u003e".utf8)
      case UInt8(ascii: "&"): bytes += Array("\\u0026".utf8)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
      .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
  }

  /// The value with every string and key made visible, and numbers to four significant digits.
  var readable: JSON {
    switch self {
    case .string(let text): .string(visible(text))
    case .number(let number): .number(rounded(number, digits: 4))
    case .array(let elements): .array(elements.map(\.readable))
    case .object(let members):
      .object(
        .init(
          members.map { (visible($0.key), $0.value.readable) }, uniquingKeysWith: { $1 }))
    default: self
    }
  }
}
