import TacitFault

/// Reads the header of a GGUF file from front to back; never beyond its end.
struct GGUFReader {
  struct TensorHeader {
    let shape: [Int]
    let type: GGUFType
    let offset: Int
  }

  let file: MappedFile
  private(set) var position = 0

  init(file: MappedFile) { self.file = file }

  func fault(_ location: String, _ expected: String, _ found: String) -> Fault {
    Fault(file.path, location, expected: expected, found: found)
  }

  /// Magic number, version and the counts of tensors and of metadata.
  mutating func header() throws(Fault) -> (tensors: Int, metadata: Int) {
    let magic = try bytes(4, "header")
    guard magic.elementsEqual("GGUF".utf8) else {
      throw fault("header", "the letters GGUF", "other bytes")
    }
    let version: UInt32 = try number("version")
    guard (2...3).contains(version) else {
      throw Fault(
        file.path, "version", expected: "2 or 3, little-endian", found: "\(version)",
        hint: "convert the model again with a current llama.cpp")
    }
    // The shortest tensor and the shortest metadata have more than 12 bytes.
    return (
      try count("number of tensors", bytesEach: 12),
      try count("number of metadata", bytesEach: 12)
    )
  }

  mutating func tensorHeader(_ name: String) throws(Fault) -> TensorHeader {
    let place = "tensor '\(name)'"
    let dimensions: UInt32 = try number(place)
    guard (1...4).contains(dimensions) else {
      throw fault(place, "1 to 4 dimensions", "\(dimensions)")
    }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      let length: UInt64 = try number(place)
      guard let length = Int(exactly: length), length > 0 else {
        throw fault(place, "dimensions of 1 or more", "\(length)")
      }
      shape.append(length)
    }
    let type: UInt32 = try number(place)
    let offset: UInt64 = try number(place)
    guard let offset = Int(exactly: offset) else {
      throw fault(place, "an offset within the file", "\(offset)")
    }
    return TensorHeader(shape: shape, type: GGUFType(number: type), offset: offset)
  }

  /// A type and a value of it.
  mutating func value(at place: String) throws(Fault) -> GGUFValue {
    let type: UInt32 = try number(place)
    guard type == 9 else { return try scalar(type, place) }
    let element: UInt32 = try number(place)
    let count = try count(place, bytesEach: 1)
    var values: [GGUFValue] = []
    for _ in 0..<count { values.append(try scalar(element, place)) }
    return .array(values)
  }

  mutating func string(_ place: String) throws(Fault) -> String {
    let count = try count(place, bytesEach: 1)
    guard let text = String(validating: try bytes(count, place), as: UTF8.self) else {
      throw fault(place, "UTF-8", "other bytes")
    }
    return text
  }

  private mutating func scalar(
    _ type: UInt32, _ place: String
  ) throws(Fault) -> GGUFValue {
    switch type {
    case 0: return .integer(Int(try number(place) as UInt8))
    case 1: return .integer(Int(try number(place) as Int8))
    case 2: return .integer(Int(try number(place) as UInt16))
    case 3: return .integer(Int(try number(place) as Int16))
    case 4: return .integer(Int(try number(place) as UInt32))
    case 5: return .integer(Int(try number(place) as Int32))
    case 6: return .number(Double(Float(bitPattern: try number(place))))
    case 7: return .boolean(try number(place) as UInt8 != 0)
    case 8: return .string(try string(place))
    case 10:
      let value: UInt64 = try number(place)
      guard let integer = Int(exactly: value) else {
        throw fault(place, "an integer within 63 bits", "\(value)")
      }
      return .integer(integer)
    case 11: return .integer(Int(try number(place) as Int64))
    case 12: return .number(Double(bitPattern: try number(place)))
    default: throw fault(place, "a type of values that files of version 3 have", "\(type)")
    }
  }

  /// A count of things of which each takes some bytes of what is left.
  private mutating func count(
    _ place: String, bytesEach: Int
  ) throws(Fault) -> Int {
    let count: UInt64 = try number(place)
    let most = (file.bytes.count - position) / bytesEach
    guard count <= UInt64(most) else { throw fault(place, "at most \(most)", "\(count)") }
    return Int(count)
  }

  private mutating func number<Number: FixedWidthInteger>(
    _ place: String
  ) throws(Fault) -> Number {
    let bytes = try bytes(MemoryLayout<Number>.size, place)
    return Number(littleEndian: bytes.loadUnaligned(as: Number.self))
  }

  private mutating func bytes(
    _ count: Int, _ place: String
  ) throws(Fault) -> UnsafeRawBufferPointer {
    guard count <= file.bytes.count - position else {
      throw Fault(
        file.path, place, expected: "\(count) bytes at offset \(position)",
        found: "the end of the file", hint: "the download may be incomplete")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: file.bytes[position..<position + count])
  }
}
