internal import CKernels

/// Weights rounded to blocks that share a scale, with the bits that GGUF gives them.
///
/// Another format is a row of ``allCases``, a row of `TACIT_BLOCK_FORMATS` and its inner loops.
public struct BlockFormat: RawRepresentable, CaseIterable, Hashable, Sendable {
  /// A half-precision scale times integers of 8 bits: 8.5 bits for each weight.
  public static let q8_0 = BlockFormat("q8_0", number: 8, length: 32, TACIT_PACKED_Q8_0)
  /// A half-precision scale times integers of 4 bits: 4.5 bits for each weight.
  public static let q4_0 = BlockFormat("q4_0", number: 2, length: 32, TACIT_PACKED_Q4_0)

  /// Every format, the finest first.
  public static let allCases = [q8_0, q4_0]

  /// The name.
  public let rawValue: String
  /// The number of the tensor type in GGUF files.
  public let number: UInt32
  /// Weights of one block.
  public let blockLength: Int
  /// Bytes of one block in a file.
  public let blockByteCount: Int
  /// How kernels pack and multiply them.
  let packing: tacit_packing

  private init(_ name: String, number: UInt32, length: Int, _ packing: tacit_packing) {
    rawValue = name
    self.number = number
    blockLength = length
    blockByteCount = tacit_block_size(packing)
    self.packing = packing
  }

  /// The format of this name.
  public init?(rawValue: String) {
    guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = format
  }

  /// Formats are the same when their names are.
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.rawValue == rhs.rawValue }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
