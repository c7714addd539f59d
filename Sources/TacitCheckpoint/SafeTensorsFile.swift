import OrderedCollections
import TacitFault
import TacitJSON

/// One safetensors file, mapped; every claim of its header is checked before use.
///
/// Format: 8 bytes little-endian length N, N bytes of JSON, then the data that the JSON describes.
public struct SafeTensorsFile: Sendable {
  /// One tensor of a file.
  public struct Entry: Sendable {
    /// Element type as the file spells it, such as F32.
    public let dataType: String
    /// Lengths of the dimensions, outermost first.
    public let shape: [Int]
    /// Where its bytes lie in the file.
    public let byteRange: Range<Int>
  }

  /// The mapped file.
  public let file: MappedFile
  /// Tensors by name.
  public let entries: [String: Entry]
  /// The free-form `__metadata__` strings.
  public let metadata: [String: String]

  /// Largest header that is read; the reference implementation has the same limit.
  public static let maximumHeaderBytes = 100_000_000

  /// Maps a file and checks its header.
  ///
  /// As in the reference implementation the tensors must fill the data exactly: no overlap, no
  /// gap, nothing left over.
  /// - Throws: ``Fault`` naming the tensor or offset at fault.
  public init(path: String) throws(Fault) {
    file = try MappedFile(path: path)
    let header = try Self.header(of: file)
    let dataStart = 8 + header.byteCount
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]
    for (name, value) in header.members {
      if name == "__metadata__" {
        for (key, text) in value.object ?? [:] { metadata[key] = text.string }
      } else {
        entries[name] = try Self.entry(
          value, name: name, path: path, dataStart: dataStart, end: file.bytes.count)
      }
    }
    try Self.checkCoverage(entries, path: path, data: dataStart..<file.bytes.count)
    self.entries = entries
    self.metadata = metadata
  }

  private static func header(
    of file: MappedFile
  ) throws(Fault) -> (members: OrderedDictionary<String, JSON>, byteCount: Int) {
    guard !ModelFiles.isPointer(file.bytes) else {
      throw Fault(
        file.path, expected: "weights", found: "a Git LFS pointer in place of the file",
        hint: "git lfs pull fetches it")
    }
    guard file.bytes.count >= 8 else {
      throw Fault(
        file.path, expected: "at least 8 bytes", found: "\(file.bytes.count) bytes",
        hint: "the download may be incomplete")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length >= 2, length <= UInt64(min(maximumHeaderBytes, file.bytes.count - 8)) else {
      throw Fault(
        file.path, "header length",
        expected: "2 to \(min(maximumHeaderBytes, file.bytes.count - 8)) bytes", found: "\(length)",
        hint: "the file is truncated or is not in safetensors format")
    }
    let text = UnsafeRawBufferPointer(rebasing: file.bytes[8..<8 + Int(length)])
    let value: JSON
    do {
      value = try JSON(parsing: text)
    } catch {
      throw Fault(file.path, "header", expected: "JSON", found: error.description)
    }
    guard let members = value.object else {
      throw Fault(file.path, "header", expected: "an object", found: value.kind)
    }
    return (members, Int(length))
  }

  private static func entry(
    _ value: JSON, name: String, path: String, dataStart: Int, end: Int
  ) throws(Fault) -> Entry {
    func fault(_ expected: String, _ found: String) -> Fault {
      Fault(path, "tensor '\(name)'", expected: expected, found: found)
    }
    guard let dataType = value["dtype"]?.string else {
      throw fault("a dtype", value["dtype"]?.kind ?? "none")
    }
    guard let dimensions = value["shape"]?.array else { throw fault("a shape", "none") }
    var shape: [Int] = []
    // Tensors of types that are not known are left alone: nobody may need them.
    let width = byteWidths[dataType]
    var byteCount = width ?? 0
    for dimension in dimensions {
      guard let length = dimension.integer, length >= 0 else {
        throw fault("dimensions of 0 or more", (try? dimension.text()) ?? dimension.kind)
      }
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
      guard !overflow else { throw fault("a size within 63 bits", "\(shape) × \(length) …") }
      byteCount = product
      shape.append(length)
    }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2,
      let start = offsets[0].integer, let stop = offsets[1].integer
    else { throw fault("two data_offsets", "something else") }
    guard start >= 0, start <= stop, stop <= end - dataStart else {
      throw fault("data_offsets within 0…\(end - dataStart)", "[\(start), \(stop)]")
    }
    guard width == nil || stop - start == byteCount else {
      throw fault(
        "\(byteCount) bytes for shape \(shape) of \(dataType)", "\(stop - start) bytes")
    }
    return Entry(
      dataType: dataType, shape: shape, byteRange: dataStart + start..<dataStart + stop)
  }

  private static func checkCoverage(
    _ entries: [String: Entry], path: String, data: Range<Int>
  ) throws(Fault) {
    var position = data.lowerBound
    let ordered = entries.sorted {
      ($0.value.byteRange.lowerBound, $0.value.byteRange.upperBound, $0.key)
        < ($1.value.byteRange.lowerBound, $1.value.byteRange.upperBound, $1.key)
    }
    for (name, entry) in ordered {
      guard entry.byteRange.lowerBound == position else {
        throw Fault(
          path, "tensor '\(name)'",
          expected: "data at offset \(position - data.lowerBound), right after the one before it",
          found: "offset \(entry.byteRange.lowerBound - data.lowerBound)")
      }
      position = entry.byteRange.upperBound
    }
    guard position == data.upperBound else {
      throw Fault(
        path, expected: "\(position - data.lowerBound) bytes of data", found: "\(data.count) bytes")
    }
  }

  private static let byteWidths = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
  ]
}
