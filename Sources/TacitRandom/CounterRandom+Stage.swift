extension CounterRandom {
  /// The stream of one step of a stage.
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
    self.init(
      key: hash.value,
      stream: SIMD3(
        UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: stage),
        UInt32(truncatingIfNeeded: invocation)))
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
