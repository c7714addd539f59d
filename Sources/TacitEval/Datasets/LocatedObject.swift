import OrderedCollections
import TacitFault
import TacitJSON

/// A JSON object of a dataset file together with the line on which it begins.
struct LocatedObject {
  let path: String
  let line: Int
  let members: OrderedDictionary<String, JSON>

  /// Reads the objects of a JSON array or of JSON lines; the first byte that is no blank decides.
  static func read(_ bytes: [UInt8], path: String) throws(Fault) -> [LocatedObject] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw Fault(
        path, line: 1, expected: "JSON", found: "a byte order mark",
        hint: "save the file as UTF-8 without one")
    }
    return bytes.first { !isBlank($0) } == UInt8(ascii: "[")
      ? try readArray(bytes, path: path) : try readLines(bytes, path: path)
  }

  /// Reads element by element, so that only one is in the memory of the parser; a text that is no
  /// such list is read as a whole, which finds what is wrong with it.
  private static func readArray(
    _ bytes: [UInt8], path: String
  ) throws(Fault) -> [LocatedObject] {
    let slices = ArrayElement.find(in: bytes)
    var objects: [LocatedObject] = []
    objects.reserveCapacity(slices?.count ?? 0)
    for slice in slices ?? [] {
      guard let element = try? JSON(parsing: bytes[slice.range]) else { break }
      objects.append(try LocatedObject(element, path: path, line: slice.line))
    }
    if objects.count == slices?.count { return objects }
    _ = try parse(bytes[...], path: path, line: 1)
    throw Fault(path, expected: "an array of JSON objects", found: "none")
  }

  private static func readLines(
    _ bytes: [UInt8], path: String
  ) throws(Fault) -> [LocatedObject] {
    var objects: [LocatedObject] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let line = objects.count + 1
      let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
      let text = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if text.allSatisfy(isBlank) {
        throw Fault(path, line: line, expected: "a JSON object", found: "a blank line")
      }
      guard text.count <= Dataset.maximumLineBytes else {
        throw Fault(
          path, line: line, expected: "at most \(Dataset.maximumLineBytes) bytes",
          found: "\(text.count)")
      }
      objects.append(
        try LocatedObject(try parse(text, path: path, line: line), path: path, line: line))
    }
    return objects
  }

  init(path: String, line: Int, members: OrderedDictionary<String, JSON>) {
    self.path = path
    self.line = line
    self.members = members
  }

  private init(_ value: JSON, path: String, line: Int) throws(Fault) {
    guard let members = value.object else {
      throw Fault(path, line: line, expected: "a JSON object per sample", found: value.kind)
    }
    self.init(path: path, line: line, members: members)
  }

  private static func parse(
    _ bytes: ArraySlice<UInt8>, path: String, line: Int
  ) throws(Fault) -> JSON {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      let (badLine, column) = firstInvalidUTF8(bytes)
      throw Fault(
        path, line: line + badLine - 1, column: column, expected: "UTF-8", found: "another encoding"
      )
    }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw Fault(
        path, line: line + (error.line ?? 1) - 1, column: error.column, expected: "JSON",
        found: error.message)
    }
  }
}

extension LocatedObject {
  func error(expected: String, found: String, hint: String? = nil) -> Fault {
    Fault(path, line: line, expected: expected, found: found, hint: hint)
  }

  /// A member that must be there.
  func value(_ key: String) throws(Fault) -> JSON {
    guard let value = members[key] else {
      let keys = members.keys.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
      throw error(
        expected: "a field '\(key)'", found: keys.isEmpty ? "no fields" : "the fields \(keys)",
        hint: "name the fields with FILE?question=…&target=…")
    }
    return value
  }

  /// All members but the named ones.
  func members(besides names: [String]) -> [String: JSON] {
    Dictionary(
      uniqueKeysWithValues: members.filter { !names.contains($0.key) }
        .map { ($0.key, $0.value) })
  }

  /// A member that must be a string with something in it.
  func string(_ key: String) throws(Fault) -> String {
    let value = try value(key)
    guard let string = value.string else {
      throw error(expected: "a string under '\(key)'", found: value.kind)
    }
    guard !string.allSatisfy(\.isWhitespace) else {
      throw error(expected: "a string under '\(key)'", found: "an empty one")
    }
    return string
  }

  /// A member that must be a list of strings.
  func strings(_ key: String) throws(Fault) -> [String] {
    let value = try value(key)
    let strings = value.array?.compactMap(\.string)
    guard let strings, strings.count == value.array?.count else {
      throw error(
        expected: "an array of strings under '\(key)'",
        found: value.array == nil ? value.kind : "other elements")
    }
    return strings
  }
}

/// Line and column, from 1, of the first byte that is not UTF-8.
private func firstInvalidUTF8(_ bytes: ArraySlice<UInt8>) -> (line: Int, column: Int) {
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var validCount = 0
  decoding: while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): validCount += UTF8.width(scalar)
    case .error, .emptyInput: break decoding
    }
  }
  let before = bytes.prefix(validCount)
  let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
  return (before.count { $0 == 0x0A } + 1, before.endIndex - lineStart + 1)
}
