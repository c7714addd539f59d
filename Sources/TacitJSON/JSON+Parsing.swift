import CJSONC
import OrderedCollections
import TacitFault

extension JSON {
  /// Deepest nesting that is read; deeper text is an error, not a stack overflow.
  public static let maximumDepth = 256

  /// Reads one JSON text (RFC 8259) with json-c in its strict mode.
  ///
  /// Of repeated keys the last one wins. Integers beyond 64 bits become numbers.
  /// - Throws: ``Fault`` with line and column when the text is not exactly one JSON value, is
  ///   not UTF-8, or nests deeper than ``maximumDepth``.
  public init(parsing text: String) throws(Fault) {
    var text = text
    self = try text.withUTF8 { bytes in
      Result { () throws(Fault) in try JSON(parsing: UnsafeRawBufferPointer(bytes)) }
    }.get()
  }

  /// Reads one JSON text from bytes.
  /// - Parameters:
  ///   - bytes: The text.
  ///   - allowsNonFinite: Whether the words `Infinity`, `-Infinity` and `NaN` are numbers, as in
  ///     files that Python wrote.
  /// - Throws: as ``init(parsing:)-(String)``.
  public init(
    parsing bytes: UnsafeRawBufferPointer, allowsNonFinite: Bool = false
  ) throws(Fault) {
    // json-c counts in Int32 and stops at NUL.
    guard bytes.count < Int(Int32.max) else { throw Fault(message: "text of over 2 GB") }
    if let fault = firstForbiddenByte(in: bytes) {
      throw Fault("unexpected character", at: fault, in: bytes)
    }
    // A fault is looked for in the text as it is, so that its column is right.
    if let written = AstralEscapes.written(out: bytes),
      let value = try? written.withUnsafeBytes({
        try JSON(parsing: $0, allowsNonFinite: allowsNonFinite)
      })
    {
      self = value
      return
    }
    let tokener = json_tokener_new_ex(Int32(Self.maximumDepth))
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
    let root = json_tokener_parse_ex(
      tokener, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
    defer { json_object_put(root) }
    var status = json_tokener_get_error(tokener)
    var end = json_tokener_get_parse_end(tokener)
    var scalar = root
    if status == json_tokener_continue {
      // A bare number or literal at the end of the text: a blank tells json-c that it is over.
      scalar = json_tokener_parse_ex(tokener, " ", 1)
      status = json_tokener_get_error(tokener)
      end = bytes.count
    }
    defer { if scalar != root { json_object_put(scalar) } }
    guard status == json_tokener_success else {
      let message =
        status == json_tokener_continue
        ? "unexpected end of text" : String(cString: json_tokener_error_desc(status))
      throw Fault(message, at: end, in: bytes)
    }
    if let rest = bytes[min(end, bytes.count)...].firstIndex(where: { !isJSONSpace($0) }) {
      throw Fault("unexpected text after the value", at: rest, in: bytes)
    }
    self = try JSON(converting: scalar, allowsNonFinite)
  }

  /// - Throws: ``Fault`` for a number too large for Float64.
  private init(converting object: OpaquePointer?, _ allowsNonFinite: Bool) throws(Fault) {
    switch json_object_get_type(object) {
    case json_type_boolean: self = .boolean(json_object_get_boolean(object) != 0)
    case json_type_int: self = JSON(convertingInteger: object)
    case json_type_double:
      let value = json_object_get_double(object)
      guard value.isFinite || allowsNonFinite else {
        throw Fault(message: "number out of range")
      }
      self = .number(value)
    case json_type_string: self = .string(stringValue(object))
    case json_type_array:
      let count = json_object_array_length(object)
      var elements: [JSON] = []
      elements.reserveCapacity(count)
      for index in 0..<count {
        elements.append(
          try JSON(converting: json_object_array_get_idx(object, index), allowsNonFinite))
      }
      self = .array(elements)
    case json_type_object:
      var members = OrderedDictionary<String, JSON>()
      let table = json_object_get_object(object)
      members.reserveCapacity(Int(table?.pointee.count ?? 0))
      var entry = table?.pointee.head
      while let current = entry {
        if let key = current.pointee.k {
          let name = String(cString: key.assumingMemoryBound(to: CChar.self))
          members[name] = try JSON(
            converting: current.pointee.v.map { OpaquePointer($0) }, allowsNonFinite)
        }
        entry = current.pointee.next
      }
      self = .object(members)
    default: self = .null
    }
  }

  /// json-c saturates integers at the ends of its range; those are read again as a number.
  private init(convertingInteger object: OpaquePointer?) {
    let value = json_object_get_int64(object)
    if value == Int64.max, json_object_get_uint64(object) > UInt64(Int64.max) {
      self = .number(Double(json_object_get_uint64(object)))
    } else {
      self = .integer(Int(value))
    }
  }
}

private func stringValue(_ object: OpaquePointer?) -> String {
  let count = Int(json_object_get_string_len(object))
  guard count > 0, let start = json_object_get_string(object) else { return "" }
  return String(
    decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}

/// Offset of a byte that json-c lets pass but RFC 8259 does not, a control character within a
/// string, or an apostrophe or NUL outside of one; or of an escaped NUL within a key, which json-c
/// would cut there.
private func firstForbiddenByte(in bytes: UnsafeRawBufferPointer) -> Int? {
  var isString = false
  var isEscaped = false
  var nul: Int?
  for (offset, byte) in bytes.enumerated() {
    if isString {
      if byte < 0x20 { return offset }
      if isEscaped {
        isEscaped = false
        if byte == UInt8(ascii: "u"), bytes[offset...].dropFirst().starts(with: "0000".utf8) {
          nul = offset
        }
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isString = false
      }
    } else if byte == UInt8(ascii: "\"") {
      isString = true
      nul = nil
    } else if byte == UInt8(ascii: "'") || byte == 0 {
      return offset
    } else if byte == UInt8(ascii: ":"), let nul {
      return nul
    }
  }
  return nil
}

private func isJSONSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

extension Fault {
  fileprivate init(_ message: String, at offset: Int, in bytes: UnsafeRawBufferPointer) {
    let before = bytes[..<min(offset, bytes.count)]
    self.init(
      line: before.count { $0 == 0x0A } + 1,
      column: before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1,
      message: message)
  }
}
