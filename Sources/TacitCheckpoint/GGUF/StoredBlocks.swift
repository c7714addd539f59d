/// Blocks of weights that GGUF files hold and that are written out as Float32 when a model is opened.
///
/// The layouts are those of ggml; every weight is the Float32 number that ggml's reference makes of
/// it, operation by operation.
struct StoredBlocks: Sendable {
  /// What ggml calls the format.
  let name: String
  /// Weights of one block.
  let length: Int
  /// Bytes of one block.
  let byteCount: Int
  /// Writes out the weights of one block.
  let decode: @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void

  /// Every format, by the number of its tensor type.
  static let all: [UInt32: StoredBlocks] = [
    3: StoredBlocks(name: "Q4_1", length: 32, byteCount: 20, decode: FourBits.offset),
    6: StoredBlocks(name: "Q5_0", length: 32, byteCount: 22, decode: FiveBits.centred),
    7: StoredBlocks(name: "Q5_1", length: 32, byteCount: 24, decode: FiveBits.offset),
    10: StoredBlocks(name: "Q2_K", length: 256, byteCount: 84, decode: SuperBlocks.twoBits),
    11: StoredBlocks(name: "Q3_K", length: 256, byteCount: 110, decode: SuperBlocks.threeBits),
    12: StoredBlocks(name: "Q4_K", length: 256, byteCount: 144, decode: SuperBlocks.fourBits),
    13: StoredBlocks(name: "Q5_K", length: 256, byteCount: 176, decode: SuperBlocks.fiveBits),
    14: StoredBlocks(name: "Q6_K", length: 256, byteCount: 210, decode: SuperBlocks.sixBits),
    20: StoredBlocks(name: "IQ4_NL", length: 32, byteCount: 18, decode: FourBits.nonlinear),
    23: StoredBlocks(name: "IQ4_XS", length: 256, byteCount: 136, decode: FourBits.nonlinearSuper),
    39: StoredBlocks(name: "MXFP4", length: 32, byteCount: 17, decode: FourBits.microscaled),
  ]

  /// Writes out blocks that follow one another.
  func decode(_ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>) {
    for index in 0..<count {
      decode(source + index * byteCount, target + index * length)
    }
  }
}

extension UnsafeRawPointer {
  /// The half-precision number at an offset.
  fileprivate func half(_ offset: Int) -> Float {
    Float(
      Float16(
        bitPattern: UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))))
  }

  fileprivate func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  fileprivate func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}

/// Blocks of 4 bits a weight: the low halves of bytes are the first half of a block.
private enum FourBits {
  /// Values of the 16 codes, spaced as normally distributed weights are.
  static let nonlinearValues: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]
  /// Twice the values of a 4-bit floating-point number with 2 bits of exponent.
  static let floatingValues: [Float] = [
    0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12,
  ]

  /// Q4_1: scale and offset.
  static func offset(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let (scale, offset) = (block.half(0), block.half(2))
    for j in 0..<16 {
      let byte = block.byte(4 + j)
      y[j] = Float(byte & 15) * scale + offset
      y[j + 16] = Float(byte >> 4) * scale + offset
    }
  }

  /// IQ4_NL: scale times one of 16 values.
  static func nonlinear(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    codes(block + 2, nonlinearValues, block.half(0), y)
  }

  /// IQ4_XS: as IQ4_NL, with a scale of 6 bits for each 32 of 256 weights.
  static func nonlinearSuper(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let high = Int(block.byte(2)) | Int(block.byte(3)) << 8
    for part in 0..<8 {
      let low = Int(block.byte(4 + part / 2)) >> (4 * (part % 2)) & 15
      let scale = low | (high >> (2 * part) & 3) << 4
      codes(
        block + 8 + 16 * part, nonlinearValues, block.half(0) * Float(scale - 32), y + 32 * part)
    }
  }

  /// MXFP4: a power of two times one of 16 values.
  static func microscaled(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let exponent = UInt32(block.byte(0))
    // Half of 2^(e − 127), as the values are doubled; the two smallest are subnormal.
    let bits = exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23
    codes(block + 1, floatingValues, Float(bitPattern: bits), y)
  }

  private static func codes(
    _ bytes: UnsafeRawPointer, _ values: [Float], _ scale: Float, _ y: UnsafeMutablePointer<Float>
  ) {
    for j in 0..<16 {
      let byte = Int(bytes.byte(j))
      y[j] = scale * values[byte & 15]
      y[j + 16] = scale * values[byte >> 4]
    }
  }
}

/// Blocks of 5 bits a weight, whose highest bits stand together.
private enum FiveBits {
  /// Q5_0: scale times an integer from −16 to 15.
  static func centred(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let scale = block.half(0)
    integers(block + 2) { y[$0] = Float($1 - 16) * scale }
  }

  /// Q5_1: scale and offset.
  static func offset(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let (scale, offset) = (block.half(0), block.half(2))
    integers(block + 4) { y[$0] = Float($1) * scale + offset }
  }

  private static func integers(_ bytes: UnsafeRawPointer, _ take: (Int, Int) -> Void) {
    let high = bytes.word(0)
    for j in 0..<16 {
      let byte = Int(bytes.byte(4 + j))
      take(j, byte & 15 | Int(high >> UInt32(j) & 1) << 4)
      take(j + 16, byte >> 4 | Int(high >> UInt32(j + 16) & 1) << 4)
    }
  }
}

/// The k-quants: 256 weights in parts with small integer scales of their own.
private enum SuperBlocks {
  /// Q2_K: 16 parts with scale and offset of 4 bits each.
  static func twoBits(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let (scale, offset) = (block.half(80), block.half(82))
    for part in 0..<16 {
      let code = block.byte(part)
      let (d, m) = (scale * Float(code & 15), offset * Float(code >> 4))
      let (bytes, shift) = (16 + 32 * (part / 8) + 16 * (part % 2), UInt8(2 * (part % 8 / 2)))
      for l in 0..<16 {
        y[16 * part + l] = d * Float(block.byte(bytes + l) >> shift & 3) - m
      }
    }
  }

  /// Q3_K: 16 parts with a scale of 6 bits each; the highest bits of weights stand together.
  static func threeBits(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let scale = block.half(108)
    for part in 0..<16 {
      let low = block.byte(96 + part % 8) >> (part < 8 ? 0 : 4) & 15
      let high = block.byte(104 + part % 4) >> UInt8(2 * (part / 4)) & 3
      let d = scale * Float(Int(low | high << 4) - 32)
      let (bytes, shift) = (32 + 32 * (part / 8) + 16 * (part % 2), UInt8(2 * (part % 8 / 2)))
      let (masks, mask) = (16 * (part % 2), UInt8(1) << UInt8(part / 2))
      for l in 0..<16 {
        let code = Int(block.byte(bytes + l) >> shift & 3)
        y[16 * part + l] = d * Float(block.byte(masks + l) & mask == 0 ? code - 4 : code)
      }
    }
  }

  /// Q4_K: 8 parts with scale and offset of 6 bits each.
  static func fourBits(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    for part in 0..<8 {
      let (d, m) = scaleAndOffset(block, part)
      let (bytes, shift) = (16 + 32 * (part / 2), UInt8(4 * (part % 2)))
      for l in 0..<32 {
        y[32 * part + l] = d * Float(block.byte(bytes + l) >> shift & 15) - m
      }
    }
  }

  /// Q5_K: as Q4_K, with the highest bits of weights in 32 bytes of their own.
  static func fiveBits(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    for part in 0..<8 {
      let (d, m) = scaleAndOffset(block, part)
      let (bytes, shift) = (48 + 32 * (part / 2), UInt8(4 * (part % 2)))
      for l in 0..<32 {
        let high = block.byte(16 + l) >> UInt8(part) & 1
        y[32 * part + l] = d * Float(block.byte(bytes + l) >> shift & 15 | high << 4) - m
      }
    }
  }

  /// Q6_K: 16 parts with a scale of 8 bits each, integers from −32 to 31.
  static func sixBits(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let scale = block.half(208)
    for part in 0..<16 {
      let d = scale * Float(Int8(bitPattern: block.byte(192 + part)))
      let (half, quarter, start) = (part / 8, part % 8 / 2, 16 * (part % 2))
      let low = 64 * half + 32 * (quarter % 2) + start
      let high = 128 + 32 * half + start
      for l in 0..<16 {
        let nibble = block.byte(low + l) >> UInt8(4 * (quarter / 2)) & 15
        let bits = block.byte(high + l) >> UInt8(2 * quarter) & 3
        y[16 * part + l] = d * Float(Int(nibble | bits << 4) - 32)
      }
    }
  }

  /// Scale and offset of a part of Q4_K and Q5_K.
  private static func scaleAndOffset(
    _ block: UnsafeRawPointer, _ part: Int
  ) -> (scale: Float, offset: Float) {
    let codes = block + 4
    let (scale, offset): (UInt8, UInt8) =
      part < 4
      ? (codes.byte(part) & 63, codes.byte(part + 4) & 63)
      : (
        codes.byte(part + 4) & 15 | (codes.byte(part - 4) >> 6) << 4,
        codes.byte(part + 4) >> 4 | (codes.byte(part) >> 6) << 4
      )
    return (block.half(0) * Float(scale), block.half(2) * Float(offset))
  }
}
