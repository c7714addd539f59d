/// Random numbers as a pure function of a key and a counter: Philox 4×32 with 10 rounds.
///
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". A draw depends on
/// what it is for, never on what was drawn before it or in which order sequences ran.
public struct CounterRandom: Sendable, Equatable {
  private let key: SIMD2<UInt32>
  private let stage: UInt32
  private let invocation: UInt32
  private let step: UInt32
  private var index: UInt32 = 0

  /// The stream of one step.
  /// - Parameters:
  ///   - seed: Seed of the run.
  ///   - sample: Name of the sample.
  ///   - repetition: Number of the repeat, from 0.
  ///   - stage: Position of the stage in the pipeline.
  ///   - invocation: Which of the stages that a stage runs; 0 is the stage itself.
  ///   - step: Number of the step within the stage.
  public init(
    seed: UInt64, sample: String, repetition: Int, stage: Int, invocation: Int = 0, step: Int
  ) {
    var hash = FNV1a()
    hash.combine(seed)
    hash.combine(UInt64(truncatingIfNeeded: repetition))
    for byte in sample.utf8 { hash.combine(byte) }
    key = SIMD2(UInt32(truncatingIfNeeded: hash.value), UInt32(hash.value >> 32))
    self.stage = UInt32(truncatingIfNeeded: stage)
    self.invocation = UInt32(truncatingIfNeeded: invocation)
    self.step = UInt32(truncatingIfNeeded: step)
  }

  /// The next number, evenly from [0, 1), with 53 bits.
  public mutating func uniform() -> Double {
    let block = Self.philox(counter: SIMD4(index, step, stage, invocation), key: key)
    index += 1
    let bits = UInt64(block.x) << 32 | UInt64(block.y)
    return Double(bits >> 11) * 0x1p-53
  }

  /// Part `number` of the step's numbers, below 4096, with 2²⁰ draws that no other part shares.
  ///
  /// The stream as it was made is part 0.
  public func part(_ number: Int) -> CounterRandom {
    var part = self
    part.index = UInt32(truncatingIfNeeded: number) << 20
    return part
  }

  /// One block of Philox 4×32-10.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = counter.x.multipliedFullWidth(by: 0xD251_1F53)
      let second = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(
        second.high ^ counter.y ^ key.x, second.low, first.high ^ counter.w ^ key.y, first.low)
    }
    return counter
  }
}

/// FNV-1a with 64 bits, to fold names into keys.
private struct FNV1a {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func combine(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  mutating func combine(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      combine(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }
}
