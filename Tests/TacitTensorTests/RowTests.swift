import CKernels
import Testing

@testable import TacitTensor

#if canImport(Glibc)
  import Glibc
#endif

extension KernelTests {
  struct RowTests {
    static let widths = [1, 3, 16, 31, 100, 1024]

    @Test(arguments: widths) func norms(columns: Int) {
      let twos = [Float](repeating: 2, count: 5 * columns)
      let offset = Tensor(rows: 5, columns: columns, values: twos)
      let x = offset.adding(randomTensor(5, columns, seed: 50), scale: 4)
      let gain = WeightVector(randomValues(columns, seed: 52))
      let bias = WeightVector(randomValues(columns, seed: 53))
      var rms: [Double] = []
      var layer: [Double] = []
      for row in 0..<5 {
        let values = x[row].map(Double.init)
        let count = Double(columns)
        let square = values.reduce(0) { $0 + $1 * $1 } / count
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        for i in 0..<columns {
          let (g, b) = (Double(gain.values[i]), Double(bias.values[i]))
          rms.append(values[i] / (square + 1e-5).squareRoot() * g)
          layer.append((values[i] - mean) / (variance + 1e-5).squareRoot() * g + b)
        }
      }
      for result in underAllSettings({ x.rmsNormalized(gain, epsilon: 1e-5) }) {
        #expect(relativeError(result.values, rms) < 1e-6)
        #expect(bits(result) == bits(x.rmsNormalized(gain, epsilon: 1e-5)))
      }
      for result in underAllSettings({ x.layerNormalized(gain, bias: bias, epsilon: 1e-5) }) {
        #expect(relativeError(result.values, layer) < 2e-6)
      }
    }

    @Test func groupsAreNormalizedAlone() {
      let x = randomTensor(3, 48, seed: 54)
      let gain = WeightVector(randomValues(16, seed: 55))
      let grouped = x.rmsNormalized(gain, epsilon: 1e-6, groupSize: 16)
      for group in 0..<3 {
        let columns = group * 16..<(group + 1) * 16
        let alone = x.slice(columns: columns).rmsNormalized(gain, epsilon: 1e-6)
        #expect(bits(grouped.slice(columns: columns)) == bits(alone))
      }
    }

    @Test func rotaryTurnsHalvesAndKeepsTheRest() {
      let frequencies: [Float] = [1, 0.1, 0.01]
      let table = RotaryTable(inverseFrequencies: frequencies, attentionScale: 1.5)
      let positions: [Int32] = [0, 1, 127, 128, 100_000]
      let x = randomTensor(5, 16, seed: 56)  // two heads of 8, 6 columns rotated
      let y = x.rotated(positions: positions, table: table, headSize: 8)
      var reference: [Double] = []
      for (row, position) in positions.enumerated() {
        for head in [0, 8] {
          let v = x[row][head..<head + 8].map(Double.init)
          let angles = frequencies.map { Double(Float(position) * $0) }
          reference += (0..<3).map { 1.5 * (v[$0] * cos(angles[$0]) - v[$0 + 3] * sin(angles[$0])) }
          reference += (0..<3).map { 1.5 * (v[$0 + 3] * cos(angles[$0]) + v[$0] * sin(angles[$0])) }
          reference += v[6...]
        }
      }
      #expect(relativeError(y.values, reference) < 5e-7)
    }

    struct Function: Sendable, CustomTestStringConvertible {
      let name: String
      let kernel: @Sendable (Tensor) -> Tensor
      let reference: @Sendable (Double) -> Double
      /// Allowed difference, relative to the larger of 1 and the value.
      let tolerance: Double
      var testDescription: String { name }
    }
    static let functions = [
      Function(name: "relu", kernel: { $0.relu() }, reference: { max($0, 0) }, tolerance: 0),
      Function(
        name: "silu", kernel: { $0.silu() }, reference: { $0 / (1 + exp(-$0)) }, tolerance: 4e-7),
      Function(
        name: "gelu erf", kernel: { $0.gelu(.erf) },
        reference: { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }, tolerance: 4e-7),
      Function(
        name: "gelu tanh", kernel: { $0.gelu(.tanh) },
        reference: {
          0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        }, tolerance: 4e-7),
      Function(
        name: "swiGLU", kernel: { Tensor.swiGLU(gate: $0, up: $0) },
        reference: { $0 / (1 + exp(-$0)) * $0 }, tolerance: 4e-7),
      Function(
        name: "add", kernel: { $0.adding($0, scale: -0.25) }, reference: { 0.75 * $0 },
        tolerance: 1e-7),
    ]

    @Test(arguments: functions) func functionEqualsFloat64(function: Function) {
      let inputs = (-30_007...30_007).map { Float($0) / 1000 } + [-100, 100, 1e-20, -1e-20, 0]
      let x = Tensor(rows: 1, columns: inputs.count, values: inputs)
      let y = function.kernel(x).values
      for (input, output) in zip(inputs, y) {
        let expected = function.reference(Double(input))
        let error = abs(Double(output) - expected) / max(1, abs(expected))
        if !(error <= function.tolerance) { Issue.record("\(input) -> \(output), not \(expected)") }
      }
      for result in underAllSettings({ bits(function.kernel(x)) }) {
        #expect(result == y.map(\.bitPattern))
      }
    }

    @Test func exponentialIsWithinTwoUnitsInTheLastPlace() {
      let inputs = (-880_000...880_000).map { Float($0) / 10_000 }
      let x = Tensor(rows: 1, columns: inputs.count, values: inputs)
      let y = x.exponential().values
      var worst = 0.0
      for (input, output) in zip(inputs, y) where input > -87 {
        let expected = exp(Double(input))
        worst = max(worst, abs(Double(output) - expected) / Double(Float(expected).ulp))
      }
      #expect(worst < 2)
      for result in underAllSettings({ bits(x.exponential()) }) {
        #expect(result == y.map(\.bitPattern))
      }
      let edges = Tensor([[-.infinity, -200, -0.0, 0, 89, 200, .infinity, .nan]]).exponential()[0]
      #expect(Array(edges.prefix(7)) == [0, 0, 1, 1, .infinity, .infinity, .infinity])
      #expect(edges[7].isNaN)
    }

    @Test(arguments: [1, 2, 17, 4096, 4097, 20_001]) func statistics(count: Int) {
      let logits = randomValues(count, seed: 60).map { 12 * $0 }
      let most = Double(logits.max() ?? 0)
      let weights = logits.map { exp(Double($0) - most) }
      let total = weights.reduce(0, +)
      let probabilities = weights.map { $0 / total }
      let entropy = probabilities.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
      let results = underAllSettings {
        [logits.logSumExp(), logits.entropy()] + logits.softmax()
      }
      for result in results { #expect(result == results[0]) }
      #expect(abs(Double(results[0][0]) - most - log(total)) < 2e-6)
      #expect(abs(Double(results[0][1]) - entropy) < 1e-5)
      #expect(relativeError(Array(results[0].dropFirst(2)), probabilities) < 1e-6)
      #expect(logits.argmax() == logits.firstIndex(of: logits.max() ?? 0))
    }

    @Test func statisticsOfUnusualRows() {
      let infinity = Float.infinity
      #expect(([2, 5, 5, 1] as [Float]).argmax() == 1)
      #expect(([.nan, -infinity, 3, .nan, 3] as [Float]).argmax() == 2)
      #expect(([.nan, .nan] as [Float]).argmax() == 0)
      #expect([Float](repeating: -infinity, count: 3).argmax() == 0)
      #expect(([1, infinity, infinity] as [Float]).argmax() == 1)
      #expect(([1, .nan] as [Float]).softmax().allSatisfy { $0.isNaN })
      #expect([Float](repeating: -infinity, count: 20).softmax().allSatisfy { $0.isNaN })
      #expect(([0, -infinity] as [Float]).softmax() == [1, 0])
      #expect(([0, -infinity] as [Float]).entropy() == 0)
      #expect(([-infinity, -infinity] as [Float]).logSumExp() == -infinity)
      #expect(([1, infinity] as [Float]).logSumExp() == infinity)
      #expect(([1, .nan] as [Float]).logSumExp().isNaN)
      #expect(([] as [Float]).softmax().isEmpty)
    }
  }
}
