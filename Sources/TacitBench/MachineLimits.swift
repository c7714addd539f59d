internal import CKernels
import TacitTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the machine can do at most with the threads that are set, measured.
public struct MachineLimits: Sendable {
  /// Bytes of ordinary pages read per second.
  public let readOfNormalPages: Repetitions
  /// Bytes read per second where huge pages were asked for.
  public let readOfHugePages: Repetitions
  /// Operations per second, two for each multiply-add; without what the processor has no
  /// instruction for.
  public let operations: [Arithmetic: Repetitions]

  /// Bytes read per second, at the median of the better pages.
  public var readBytesPerSecond: Double { max(readOfNormalPages.median, readOfHugePages.median) }

  /// Operations per second, at the median.
  public func operationsPerSecond(_ arithmetic: Arithmetic) -> Double? {
    operations[arithmetic]?.median
  }

  private static let repetitionCount = 15

  /// Measures for about a second.
  public static func measured() -> MachineLimits {
    var operations: [Arithmetic: Repetitions] = [:]
    for arithmetic in Arithmetic.allCases { operations[arithmetic] = compute(arithmetic.probe) }
    return MachineLimits(
      readOfNormalPages: read(isHuge: false), readOfHugePages: read(isHuge: true),
      operations: operations)
  }

  private static func compute(_ probe: tacit_probe) -> Repetitions? {
    let rounds = 512 * Threads.count
    guard tacit_probe_compute(probe, rounds) > 0 else { return nil }
    return repeated { tacit_probe_compute(probe, rounds) }
  }

  private static func read(isHuge: Bool) -> Repetitions {
    let count = probeByteCount
    let memory = PageMemory(byteCount: count, isHuge: isHuge)
    memset(memory.base, 1, count)
    return repeated {
      _ = tacit_probe_read(memory.base, count)
      return Double(count)
    }
  }

  /// At least 256 MB, and four times the cache of the last level.
  private static var probeByteCount: Int {
    #if os(Linux)
      let cache = sysconf(Int32(_SC_LEVEL3_CACHE_SIZE))
    #else
      let cache = 0
    #endif
    return min(max(256 << 20, 4 * cache), 1 << 30)
  }

  /// Amounts per second, after one run that is not timed.
  private static func repeated(_ body: () -> Double) -> Repetitions {
    _ = body()
    let clock = ContinuousClock()
    return Repetitions(
      (0..<repetitionCount).map { _ in
        let start = clock.now
        let amount = body()
        return amount / ((clock.now - start) / .seconds(1))
      })
  }
}

extension Arithmetic {
  fileprivate var probe: tacit_probe {
    switch self {
    case .float32: TACIT_PROBE_FLOAT32
    case .bfloat16: TACIT_PROBE_BFLOAT16
    case .int8: TACIT_PROBE_INT8
    }
  }
}

/// The instruction set that kernels use.
public enum InstructionSet: String, Sendable {
  /// What every processor of the architecture has.
  case plain
  /// Vectors of 256 bits with fused multiply-add.
  case avx2
  /// Vectors of 512 bits.
  case avx512

  /// The one in use.
  public static var current: InstructionSet {
    switch tacit_kernels_level() {
    case TACIT_LEVEL_AVX512: .avx512
    case TACIT_LEVEL_AVX2: .avx2
    default: .plain
    }
  }
}
