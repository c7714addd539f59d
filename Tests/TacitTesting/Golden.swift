import TacitCheckpoint
import TacitFault
import TacitJSON

/// One file of reference data: its cases, and the arrays that belong to them.
public struct Golden: Sendable {
  /// The JSON file.
  public let cases: JSON
  private let arrays: SafeTensorsFile

  /// Opens `NAME.json` and `NAME.safetensors` below Tests/Fixtures.
  public init(_ name: String) throws {
    cases = try Fixtures.json(name + ".json")
    arrays = try SafeTensorsFile(path: Fixtures.folder + "/" + name + ".safetensors")
  }

  /// An array as rows; one dimension is one row.
  public func rows(_ name: String) throws -> [[Float]] {
    guard let entry = arrays.entries[name], entry.dataType == "F32" else {
      throw Fault(arrays.file.path, expected: "F32 array", found: "no '\(name)'")
    }
    let width = entry.shape.last ?? 1
    let bytes = UnsafeRawBufferPointer(rebasing: arrays.file.bytes[entry.byteRange])
    let values = (0..<bytes.count / 4).map {
      bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
    }
    return stride(from: 0, to: values.count, by: max(width, 1)).map {
      Array(values[$0..<$0 + width])
    }
  }

  /// A list of ids.
  public static func ids(_ value: JSON?) -> [Int] { value?.array?.compactMap(\.integer) ?? [] }
}

/// Largest absolute difference, relative to the range of the expected values.
///
/// Shapes that differ, and NaN, give infinity.
public func relativeDifference(_ found: [[Float]], _ expected: [[Float]]) -> Float {
  guard found.map(\.count) == expected.map(\.count) else { return .infinity }
  let flat = expected.joined()
  guard let low = flat.min(), let high = flat.max() else { return 0 }
  var largest: Float = 0
  for (a, b) in zip(found.joined(), flat) {
    let difference = abs(a - b)
    guard difference <= .greatestFiniteMagnitude else { return .infinity }
    largest = max(largest, difference)
  }
  return largest / max(high - low, .leastNormalMagnitude)
}
