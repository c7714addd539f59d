import TacitFault

/// One GGUF file, mapped; every length and offset is checked before use.
///
/// Format, versions 2 and 3, little-endian: "GGUF", version, counts of tensors and of metadata,
/// the metadata, the tensors' names, shapes, types and offsets, then the aligned data.
struct GGUFFile: Sendable {
  /// One tensor of a file.
  struct Entry: Sendable {
    /// Type of the elements.
    let type: GGUFType
    /// Lengths of the dimensions, innermost first.
    let shape: [Int]
    /// Where its bytes lie in the file.
    let byteRange: Range<Int>
  }

  /// The mapped file.
  let file: MappedFile
  /// Metadata by key.
  let metadata: [String: GGUFValue]
  /// Tensors by name.
  let entries: [String: Entry]

  /// Maps a file and checks its header.
  /// - Throws: ``Fault`` naming the key, tensor or offset at fault.
  init(path: String) throws(Fault) {
    file = try MappedFile(path: path)
    var reader = GGUFReader(file: file)
    let (tensorCount, metadataCount) = try reader.header()
    var metadata: [String: GGUFValue] = [:]
    for _ in 0..<metadataCount {
      let key = try reader.string("metadata key")
      guard metadata[key] == nil else {
        throw reader.fault("metadata '\(key)'", "one value", "another one")
      }
      metadata[key] = try reader.value(at: "metadata '\(key)'")
    }
    self.metadata = metadata
    let alignment = try Self.alignment(metadata, reader)
    var headers: [(name: String, header: GGUFReader.TensorHeader)] = []
    for _ in 0..<tensorCount {
      let name = try reader.string("tensor name")
      headers.append((name, try reader.tensorHeader(name)))
    }
    let dataStart = (reader.position + alignment - 1) / alignment * alignment
    var entries: [String: Entry] = [:]
    for (name, header) in headers {
      guard entries[name] == nil else {
        throw reader.fault("tensor '\(name)'", "one tensor", "another one")
      }
      entries[name] = try Self.entry(
        header, place: "tensor '\(name)'", dataStart: dataStart, alignment: alignment, reader)
    }
    self.entries = entries
  }

  private static func alignment(
    _ metadata: [String: GGUFValue], _ reader: GGUFReader
  ) throws(Fault) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard case .integer(let alignment) = value, (1...1 << 20).contains(alignment),
      alignment & (alignment - 1) == 0
    else {
      throw reader.fault("metadata 'general.alignment'", "a power of two to 2^20", value.text)
    }
    return alignment
  }

  private static func entry(
    _ header: GGUFReader.TensorHeader, place: String, dataStart: Int, alignment: Int,
    _ reader: GGUFReader
  ) throws(Fault) -> Entry {
    let end = reader.file.bytes.count
    guard let byteCount = header.type.byteCount(of: header.shape) else {
      throw reader.fault(place, "rows of whole blocks, within 63 bits", "\(header.shape)")
    }
    let most = max(end - dataStart, 0)
    guard header.offset % alignment == 0, header.offset <= most,
      byteCount <= most - header.offset
    else {
      throw Fault(
        reader.file.path, place,
        expected: "\(byteCount) bytes at a multiple of \(alignment) within \(most) bytes",
        found: "offset \(header.offset)", hint: "the download may be incomplete")
    }
    let start = dataStart + header.offset
    return Entry(type: header.type, shape: header.shape, byteRange: start..<start + byteCount)
  }
}

/// A value of the metadata.
enum GGUFValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case string(String)
  case array([GGUFValue])

  /// The value as an error shows it.
  var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let value): "'\(value.prefix(60))'"
    case .array(let values): "an array of \(values.count)"
    }
  }
}
