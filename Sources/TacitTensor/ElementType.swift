internal import CKernels

/// The type of the numbers in a weight file.
public enum ElementType: String, Sendable, CaseIterable {
  case float32, float16, bfloat16

  /// Bytes of one element.
  public var byteCount: Int { self == .float32 ? 4 : 2 }

  var kernelElement: tacit_element {
    switch self {
    case .float32: TACIT_FLOAT32
    case .float16: TACIT_FLOAT16
    case .bfloat16: TACIT_BFLOAT16
    }
  }

  /// The element at `index` of unaligned `bytes`, widened exactly.
  func widened(_ bytes: UnsafeRawPointer, at index: Int) -> Float {
    switch self {
    case .float32: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
    case .float16:
      tacit_widen_float16(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    case .bfloat16:
      tacit_widen_bfloat16(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    }
  }

  /// Widens `count` elements exactly.
  package func widen(
    _ elements: UnsafeRawPointer, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    var first: Int32 = 0
    tacit_gather(target, elements, kernelElement, count, &first, 1)
  }

  /// The bytes of `values` rounded to nearest, ties to even.
  public func encoded(_ values: [Float]) -> [UInt8] {
    switch self {
    case .float32: values.withUnsafeBytes { Array($0) }
    case .float16: values.map { Float16($0).bitPattern }.withUnsafeBytes { Array($0) }
    case .bfloat16: values.map(bfloat16Bits).withUnsafeBytes { Array($0) }
    }
  }
}

private func bfloat16Bits(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(bits >> 16) | 0x40 }
  return UInt16((bits + 0x7fff + (bits >> 16 & 1)) >> 16)
}
