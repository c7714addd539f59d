/// Random numbers as a pure function of a key and a counter: Philox 4×32 with 10 rounds.
///
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". A draw depends on
/// what it is for, never on what was drawn before it or in which order streams are read.
public struct CounterRandom: Sendable, Equatable {
  private let key: SIMD2<UInt32>
  private let stream: SIMD3<UInt32>
  private var index: UInt32 = 0

  /// A stream of 2³² - 1 draws.
  /// - Parameters:
  ///   - key: The seed, or a hash of the seed and of what the numbers are for.
  ///   - stream: Which of the key's streams; no two share a block.
  public init(key: UInt64, stream: SIMD3<UInt32>) {
    self.key = SIMD2(UInt32(truncatingIfNeeded: key), UInt32(key >> 32))
    self.stream = stream
  }

  /// The next 64 bits.
  public mutating func bits() -> UInt64 {
    let block = Self.philox(
      counter: SIMD4(index, stream.x, stream.y, stream.z), key: key)
    index += 1
    return UInt64(block.x) << 32 | UInt64(block.y)
  }

  /// The next number, evenly from [0, 1), with 53 bits.
  public mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// The next integer, from 0 to below `bound`.
  ///
  /// The high word of a product; no integer's probability is off by more than 2⁻⁶⁴.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "no integer to draw")
    return Int(bits().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Part `number` of the stream's numbers, below 4096, with 2²⁰ draws that no other part shares.
  ///
  /// The stream as it was made is part 0.
  public func part(_ number: Int) -> CounterRandom {
    var part = self
    part.index = UInt32(truncatingIfNeeded: number) << 20
    return part
  }

  /// One block of Philox 4×32-10.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Scalars: single lanes of vectors would cross between registers in every round.
    var (x, y, z, w) = (counter.x, counter.y, counter.z, counter.w)
    var (low, high) = (key.x, key.y)
    for _ in 0..<10 {
      let first = UInt64(x) &* 0xD251_1F53
      let second = UInt64(z) &* 0xCD9E_8D57
      x = UInt32(truncatingIfNeeded: second >> 32) ^ y ^ low
      y = UInt32(truncatingIfNeeded: second)
      z = UInt32(truncatingIfNeeded: first >> 32) ^ w ^ high
      w = UInt32(truncatingIfNeeded: first)
      low &+= 0x9E37_79B9
      high &+= 0xBB67_AE85
    }
    return SIMD4(x, y, z, w)
  }
}
