import Testing

@testable import TacitTensor

extension KernelTests {
  struct PackedWeightsTests {
    /// A packed kind of weights and what its products make of activations.
    struct Kind: CustomTestStringConvertible {
      let format: BlockFormat?
      let activations: ActivationPrecision
      var testDescription: String { "\(format?.rawValue ?? "bfloat16"), \(activations)" }

      func matrix(_ values: [Float], outputs: Int, inputs: Int) -> WeightMatrix {
        let plain = WeightMatrix(
          values, outputs: outputs, inputs: inputs, element: format == nil ? .bfloat16 : .float32)
        return (format.map(plain.quantized) ?? plain).using(activations: activations)
      }
    }
    static let kinds = [
      Kind(format: .q8_0, activations: .exact), Kind(format: .q4_0, activations: .exact),
      Kind(format: .q8_0, activations: .fast), Kind(format: .q4_0, activations: .fast),
      Kind(format: nil, activations: .fast),
    ]

    /// Numbers, with rows that are zero, subnormal, infinite or no numbers.
    static func activations(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
      var values = randomValues(rows * columns, seed: seed)
      for column in 0..<columns {
        for (row, factor) in [(1, 0), (3, 0x1p-130), (5, 0x1p-118)] as [(Int, Float)] {
          values[row * columns + column] *= factor
        }
      }
      values[6 * columns + 3] = .nan
      values[7 * columns + 3] = .infinity
      return Tensor(rows: rows, columns: columns, values: values)
    }

    @Test(arguments: kinds) func rowsKeepTheirBits(kind: Kind) {
      let (outputs, inputs) = (421, kind.format == nil ? 287 : 288)
      var values = randomValues(outputs * inputs, seed: 4)
      for index in 0..<40 { values[index] *= 0x1p-12 }
      for index in 320..<400 { values[index] *= 0x1p-128 }
      let weight = kind.matrix(values, outputs: outputs, inputs: inputs)
      let bias = WeightVector(randomValues(outputs, seed: 8))
      let x = Self.activations(64, inputs, seed: 5)
      let whole = bits(x.linear(weight, bias: bias))
      for result in underAllSettings({ bits(x.linear(weight, bias: bias)) }) {
        #expect(result == whole)
      }
      for count in [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 21, 33, 50] {
        for start in [0, 64 - count] {
          let part = x.slice(rows: start..<start + count).linear(weight, bias: bias)
          #expect(bits(part) == Array(whole[start * outputs..<(start + count) * outputs]))
        }
      }
      let isFinite = (0..<8).map { Float(bitPattern: whole[$0 * outputs]).isFinite }
      #expect(isFinite == [true, true, true, true, true, true, false, false])
    }

    @Test(arguments: BlockFormat.allCases, [(1, 32), (16, 64), (50, 96), (131, 320), (5, 0)])
    func exactProductsEqualFloat64(format: BlockFormat, shape: (outputs: Int, inputs: Int)) {
      let (outputs, inputs) = shape
      let weight = WeightMatrix(
        randomValues(outputs * inputs, seed: 1), outputs: outputs, inputs: inputs
      ).quantized(to: format)
      let rows = (0..<outputs).map { weight.row($0).map(Double.init) }
      for count in [1, 2, 5, 8, 13] {
        let x = randomTensor(count, inputs, seed: 3)
        let reference = (0..<count).flatMap { m in
          rows.map { zip(x[m], $0).reduce(0) { $0 + Double($1.0) * $1.1 } }
        }
        #expect(relativeError(x.linear(weight).values, reference) < 1e-6, "\(count) rows")
      }
    }

    /// Weights and activations rounded to the grids that the documentation names.
    @Test(arguments: BlockFormat.allCases) func roundedProducts(format: BlockFormat) {
      let (outputs, inputs) = (21, 160)
      let weight = WeightMatrix(
        randomValues(outputs * inputs, seed: 1), outputs: outputs, inputs: inputs
      ).quantized(to: format)
      let x = randomTensor(3, inputs, seed: 2)
      let y = x.linear(weight.using(activations: .fast))
      for (m, n) in [(0, 0), (1, 20), (2, 15), (2, 16)] {
        let row = weight.row(n)
        var total: Float = 0
        for start in stride(from: 0, to: inputs, by: 32) {
          let block = x[m][start..<start + 32]
          let most = block.map(abs).max() ?? 0
          let factor = 127 / most
          // The scale of the block is the greatest common divisor of its weights up to sign.
          let scale = Self.scale(of: row[start..<start + 32], format)
          let sum = zip(block, row[start..<start + 32]).reduce(0) {
            $0 + Int(($1.0 * factor).rounded(.toNearestOrEven)) * Int(($1.1 / scale).rounded())
          }
          total.addProduct(Float(sum), scale * (most / 127))
        }
        #expect(y[m][n] == total)
      }
    }

    /// The spacing of widened weights of which one has the largest integer of its format.
    private static func scale(of weights: ArraySlice<Float>, _ format: BlockFormat) -> Float {
      let most = weights.max { abs($0) < abs($1) } ?? 0
      return format == .q8_0 ? abs(most) / 127 : most / -8
    }

    /// vdpbf16ps: the second, then the first of two inputs, fused, with subnormal numbers zero.
    @Test func pairedProducts() {
      let (outputs, inputs) = (18, 77)
      var values = randomValues(outputs * inputs, seed: 1)
      for index in 0..<inputs { values[index] *= 0x1p-110 }
      let plain = WeightMatrix(values, outputs: outputs, inputs: inputs, element: .bfloat16)
      var x = randomValues(inputs, seed: 2)
      for index in 0..<inputs where index % 5 == 0 { x[index] *= 0x1p-17 }
      let y = Tensor([x]).linear(plain.using(activations: .fast))
      func flushed(_ value: Float) -> Float { value.isSubnormal ? 0 : value }
      let rounded = WeightMatrix(x, outputs: 1, inputs: inputs, element: .bfloat16).row(0)
      for n in 0..<outputs {
        let row = plain.row(n).map(flushed)
        var total: Float = 0
        for pair in stride(from: 0, to: inputs, by: 2) {
          if pair + 1 < inputs {
            total = flushed(total.addingProduct(rounded[pair + 1], row[pair + 1]))
          }
          total = flushed(total.addingProduct(rounded[pair], row[pair]))
        }
        #expect(y[0][n] == total)
      }
      #expect(y[0][0] != 0 && abs(y[0][0]) < 0x1p-100)
    }

    /// The transposed product is that of the same weights as plain Float32 elements.
    @Test(arguments: BlockFormat.allCases) func transposedAndGathered(format: BlockFormat) {
      let (outputs, inputs) = (53, 224)
      let weight = WeightMatrix(
        randomValues(outputs * inputs, seed: 1), outputs: outputs, inputs: inputs
      ).quantized(to: format)
      let plain = WeightMatrix(weight.widened().values, outputs: outputs, inputs: inputs)
      let x = randomTensor(9, outputs, seed: 2)
      let bias = WeightVector(randomValues(inputs, seed: 3))
      let reference = bits(x.linear(plain.transposed, bias: bias))
      for result in underAllSettings({ bits(x.linear(weight.transposed, bias: bias)) }) {
        #expect(result == reference)
      }
      for result in underAllSettings({ bits(weight.gathered(rows: [52, 0, 17])) }) {
        #expect(result == bits(plain.gathered(rows: [52, 0, 17])))
      }
      #expect(weight.transposed.row(7) == plain.transposed.row(7))
    }

    /// A matrix that is stored inputs first is rounded along its inputs all the same.
    @Test(arguments: kinds) func inputMajorMatrices(kind: Kind) {
      let (outputs, inputs) = (37, 64)
      let values = randomValues(outputs * inputs, seed: 1)
      let turned = (0..<inputs).flatMap { k in (0..<outputs).map { values[$0 * inputs + k] } }
      let plain = WeightMatrix(
        turned, outputs: outputs, inputs: inputs,
        element: kind.format == nil ? .bfloat16 : .float32,
        layout: .inputMajor)
      let weight = (kind.format.map(plain.quantized) ?? plain).using(activations: kind.activations)
      let x = randomTensor(3, inputs, seed: 2)
      let same = kind.matrix(values, outputs: outputs, inputs: inputs)
      #expect(bits(x.linear(weight)) == bits(x.linear(same)))
    }

    /// Scales and integers at the edges of rounding: ties, signs, what is too small or no number.
    @Test func roundingOfWeights() {
      func block(_ start: [Float], _ format: BlockFormat) -> [Float] {
        let values = start + Array(repeating: 0, count: 32 - start.count)
        return Array(
          WeightMatrix(values, outputs: 1, inputs: 32).quantized(to: format).row(0)
            .prefix(start.count))
      }
      #expect(block([127, 2.5, -2.5, 0.49, -127], .q8_0) == [127, 3, -3, 0, -127])
      #expect(block([-8, 0.5, -0.5, 7, 7.6], .q4_0) == [-8, 1, 0, 7, 7])
      #expect(block([8, -8, 7.5, -7.5], .q4_0) == [8, -7, 7, -7])
      #expect(block([0x1p-40, -0x1p-41], .q8_0) == [0, 0])
      #expect(block([127 * 0x1p-24, 0x1p-24], .q8_0) == [127 * 0x1p-24, 0x1p-24])
      #expect(block([1e9, 1], .q8_0)[0] == .infinity)
      #expect(block([.infinity, 1], .q4_0)[0] == .infinity)
      // 65520 is the first number that rounds to the infinite half.
      #expect(block([127 * 65504, 0], .q8_0)[0] == 127 * 65504)
      #expect(block([127 * 65520, 0], .q8_0)[0] == .infinity)
    }
  }
}
