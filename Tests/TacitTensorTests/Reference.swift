import CKernels
import Testing

@testable import TacitTensor

// Plain Float64 versions of the operations, and reproducible numbers to try them on.

/// Uniform numbers in -1 ..< 1 from a seed.
func randomValues(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
  }
}

func randomTensor(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
  Tensor(rows: rows, columns: columns, values: randomValues(rows * columns, seed: seed))
}

/// The largest difference from a reference, relative to the reference's largest magnitude.
func relativeError(_ x: [Float], _ reference: [Double]) -> Double {
  precondition(x.count == reference.count)
  let scale = reference.map(abs).max() ?? 0
  let worst = zip(x, reference).map { abs(Double($0) - $1) }.max() ?? 0
  return worst.isNaN ? .infinity : worst / max(scale, 1e-30)
}

/// The bits of all elements, so that equality means equality of bits.
func bits(_ tensor: Tensor) -> [UInt32] { tensor.values.map(\.bitPattern) }

/// The instruction sets of this processor, best first.
let levels: [tacit_level] = {
  let best = tacit_kernels_level()
  return [TACIT_LEVEL_AVX512, TACIT_LEVEL_AVX2, TACIT_LEVEL_PLAIN]
    .filter { $0.rawValue <= best.rawValue }
}()

/// Calls `body` under every instruction set with one and with two threads.
///
/// The kernel tests are one serialized suite: these settings are global, though by promise
/// invisible in results.
func underAllSettings<Result>(_ body: () -> Result) -> [Result] {
  var results: [Result] = []
  for threads in [1, 2] {
    Threads.setCount(threads)
    for level in levels {
      tacit_kernels_select(level)
      results.append(body())
    }
  }
  tacit_kernels_select(TACIT_LEVEL_AVX512)
  return results
}

@Suite(.serialized) enum KernelTests {}
