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

  /// Measures for a second or two.
  public static func measured() -> MachineLimits {
    measured(byteCount: readByteCount, repetitionCount: 15)
  }

  static func measured(byteCount: Int, repetitionCount: Int) -> MachineLimits {
    func repeated(_ body: () -> Double) -> Repetitions {
      Repetitions(amountsPerSecond(repetitionCount, body))
    }
    func read(isHuge: Bool) -> Repetitions {
      let memory = PageMemory(byteCount: byteCount, isHuge: isHuge)
      memset(memory.base, 1, byteCount)
      return withExtendedLifetime(memory) {
        repeated {
          _ = tacit_probe_read(memory.base, byteCount)
          return Double(byteCount)
        }
      }
    }
    let rounds = 512 * Threads.count
    var operations: [Arithmetic: Repetitions] = [:]
    for arithmetic in Arithmetic.allCases
    where tacit_probe_compute(arithmetic.probe, 1) > 0 {
      operations[arithmetic] = repeated { tacit_probe_compute(arithmetic.probe, rounds) }
    }
    return MachineLimits(
      readOfNormalPages: read(isHuge: false), readOfHugePages: read(isHuge: true),
      operations: operations)
  }

  /// At least 256 MB, and four times the cache of the last level.
  private static var readByteCount: Int {
    #if os(Linux)
      let cache = sysconf(Int32(_SC_LEVEL3_CACHE_SIZE))
    #else
      let cache = 0
    #endif
    return min(max(256 << 20, 4 * cache), 1 << 30)
  }

  /// Amounts per second, after one run that is not timed.
  private static func amountsPerSecond(
    _ repetitionCount: Int, _ body: () -> Double
  ) -> [Double] {
    _ = body()
    let clock = ContinuousClock()
    return (0..<repetitionCount).map { _ in
      let start = clock.now
      let amount = body()
      return amount / ((clock.now - start) / .seconds(1))
    }
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
