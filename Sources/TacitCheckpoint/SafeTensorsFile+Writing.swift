import Foundation
import OrderedCollections
import TacitFault
import TacitJSON

extension SafeTensorsFile {
  /// A tensor to be written, in Float32.
  public struct NewTensor: Sendable {
    /// Its name.
    public var name: String
    /// Lengths of its dimensions, outermost first.
    public var shape: [Int]
    /// Its elements in the order of memory.
    public var values: [Float]

    /// Describes a tensor.
    public init(_ name: String, shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *), "the number of values must fit the shape")
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// Writes a file: readers see all of it or what was there before.
  ///
  /// Equal contents give equal bytes. The header is padded so that tensors are aligned to 8 bytes.
  /// - Throws: ``Fault`` when the file cannot be written.
  public static func write(
    _ tensors: [NewTensor], metadata: OrderedDictionary<String, String> = [:], to path: String
  ) throws(Fault) {
    var header: OrderedDictionary<String, JSON> = [:]
    if !metadata.isEmpty { header["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    var end = 0
    for tensor in tensors {
      precondition(header[tensor.name] == nil, "'\(tensor.name)' is there twice")
      let start = end
      end += 4 * tensor.values.count
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": [.integer(start), .integer(end)],
      ]
    }
    var data: Data
    do {
      data = Data(try JSON.object(header).text().utf8)
      data.append(contentsOf: [UInt8](repeating: 0x20, count: -data.count & 7))
      let length = UInt64(data.count).littleEndian
      data.insert(contentsOf: withUnsafeBytes(of: length, Array.init), at: 0)
      for tensor in tensors {
        tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes { data.append(contentsOf: $0) }
      }
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Fault(path, expected: "a file that can be written", found: error.localizedDescription)
    }
  }

  /// The elements of a Float32 tensor in the order of memory.
  /// - Throws: ``Fault`` when it is missing or of another shape or type.
  public func values(_ name: String, shape: [Int]) throws(Fault) -> [Float] {
    guard let entry = entries[name], entry.dataType == "F32", entry.shape == shape else {
      throw Fault(
        file.path, "tensor '\(name)'", expected: "shape \(shape) of F32",
        found: entries[name].map { "\($0.shape) of \($0.dataType)" } ?? "no such tensor")
    }
    return stride(from: entry.byteRange.lowerBound, to: entry.byteRange.upperBound, by: 4).map {
      let bits = file.bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)
      return Float(bitPattern: UInt32(littleEndian: bits))
    }
  }
}
