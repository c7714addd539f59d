import TacitTensor

/// The type of a tensor's elements, by its number in a file.
struct GGUFType: Sendable, Equatable {
  let number: UInt32

  static let float32 = GGUFType(number: 0)

  /// Types whose elements are read in place.
  private static let elements: KeyValuePairs<UInt32, (name: String, element: ElementType)> = [
    0: ("F32", .float32), 1: ("F16", .float16), 30: ("BF16", .bfloat16),
  ]

  /// Weights and bytes of one block, of every other type that files of today hold.
  private static let others: [UInt32: (name: String, weights: Int, bytes: Int)] = [
    9: ("Q8_1", 32, 36), 15: ("Q8_K", 256, 292),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8),
    28: ("F64", 1, 8),
  ]

  /// The names of all types of which models can be made, as an error lists them.
  static let readable: String = {
    let names =
      elements.map(\.value.name) + BlockFormat.allCases.map { $0.rawValue.uppercased() }
      + StoredBlocks.all.sorted { $0.key < $1.key }.map(\.value.name)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }()

  /// The type of elements that are read in place.
  var element: ElementType? { Self.elements.first { $0.key == number }?.value.element }

  /// The format of blocks that are packed.
  var blockFormat: BlockFormat? { BlockFormat.allCases.first { $0.number == number } }

  /// The format of blocks that are written out.
  var storedBlocks: StoredBlocks? { StoredBlocks.all[number] }

  private var block: (name: String, weights: Int, bytes: Int)? {
    if let (_, type) = Self.elements.first(where: { $0.key == number }) {
      return (type.name, 1, type.element.byteCount)
    }
    if let stored = storedBlocks { return (stored.name, stored.length, stored.byteCount) }
    guard let format = blockFormat else { return Self.others[number] }
    return (format.rawValue.uppercased(), format.blockLength, format.blockByteCount)
  }

  /// Its name, or its number where that is not known.
  var name: String { block?.name ?? "type \(number)" }

  /// Bytes of a tensor; 0 for a type of unknown size, nil when rows are no whole blocks or the
  /// size overflows.
  func byteCount(of shape: [Int]) -> Int? {
    guard let block else { return 0 }
    guard (shape.first ?? 1) % block.weights == 0 else { return nil }
    var count = block.bytes
    for (index, length) in shape.enumerated() {
      let factor = index == 0 ? length / block.weights : length
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}
