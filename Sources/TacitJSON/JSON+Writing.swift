import OrderedCollections
import TacitFault

extension JSON {
  /// How a value is laid out when written.
  public enum Layout: Sendable {
    /// One line without blanks, as JSON lines need.
    case compact
    /// Two blanks per level, for people.
    case indented
  }

  /// The value as text; numbers in the shortest form that reads back equal.
  ///
  /// The same value always gives the same bytes. Active characters within strings are escaped, so
  /// that the text can be shown on a terminal.
  /// - Throws: ``Fault`` for NaN and infinities, which JSON cannot express.
  public func text(_ layout: Layout = .compact) throws(Fault) -> String {
    var writer = Writer(layout: layout)
    try writer.write(self, level: 0)
    return writer.text
  }
}

private struct Writer {
  let layout: JSON.Layout
  var text = ""

  init(layout: JSON.Layout) { self.layout = layout }

  mutating func write(_ value: JSON, level: Int) throws(Fault) {
    switch value {
    case .null: text += "null"
    case .boolean(let boolean): text += boolean ? "true" : "false"
    case .integer(let integer): text += String(integer)
    case .number(let number):
      guard number.isFinite else { throw Fault(message: "\(number) is not a JSON number") }
      text += number.description
    case .string(let string): write(string)
    case .array(let elements):
      try writeList("[", "]", elements, level: level) {
        (writer, element) throws(Fault) in try writer.write(element, level: level + 1)
      }
    case .object(let members):
      try writeList("{", "}", members.elements, level: level) {
        (writer, member) throws(Fault) in
        writer.write(member.key)
        writer.text += writer.layout == .compact ? ":" : ": "
        try writer.write(member.value, level: level + 1)
      }
    }
  }

  private mutating func writeList<Elements: Collection>(
    _ open: String, _ close: String, _ elements: Elements, level: Int,
    _ body: (inout Writer, Elements.Element) throws(Fault) -> Void
  ) throws(Fault) {
    text += open
    var isFirst = true
    for element in elements {
      if !isFirst { text += "," }
      isFirst = false
      breakLine(level: level + 1)
      try body(&self, element)
    }
    if !isFirst { breakLine(level: level) }
    text += close
  }

  private mutating func breakLine(level: Int) {
    guard layout == .indented else { return }
    text += "\n"
    text += String(repeating: "  ", count: level)
  }

  private mutating func write(_ string: String) {
    text += "\""
    if string.utf8.allSatisfy(\.isPlainInJSON) {
      text += string
    } else {
      writeEscaped(string)
    }
    text += "\""
  }

  private mutating func writeEscaped(_ string: String) {
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.isActive:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension UInt8 {
  /// Whether the byte is a character of ASCII that stands for itself in a string.
  fileprivate var isPlainInJSON: Bool {
    self >= 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
  }
}
