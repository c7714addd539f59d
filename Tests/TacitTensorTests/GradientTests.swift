import Testing

@testable import TacitTensor

#if canImport(Glibc)
  import Glibc
#endif

extension KernelTests {
  /// Every operation against central differences of a Float64 version: 2e-5 of the largest element.
  struct GradientTests {
    /// y = x Wᵀ + b, W stored [outputs, inputs] or [inputs, outputs].
    static func linear(_ x: [Double], _ w: [Double], _ b: [Double], turned: Bool) -> [Double] {
      let (outputs, inputs) = (b.count, w.count / b.count)
      return (0..<x.count / inputs).flatMap { m in
        (0..<outputs).map { n in
          (0..<inputs).reduce(b[n]) {
            $0 + x[m * inputs + $1] * (turned ? w[$1 * outputs + n] : w[n * inputs + $1])
          }
        }
      }
    }

    @Test(arguments: [WeightMatrix.Layout.outputMajor, .inputMajor])
    func linear(layout: WeightMatrix.Layout) {
      for (rows, outputs, inputs) in [(1, 3, 2), (5, 7, 17), (15, 33, 5)] {
        let turned = layout == .inputMajor
        let weight = randomParameter(turned ? [inputs, outputs] : [outputs, inputs], seed: 1)
        let bias = randomParameter([outputs], seed: 2)
        expectGradients(
          of: [randomTensor(rows, inputs, seed: 3)], [weight, bias],
          oracle: { Self.linear($0[0], $0[1], $0[2], turned: turned) },
          operation: {
            $0[0].linear(WeightMatrix(weight, layout: layout), bias: WeightVector(bias))
          })
      }
    }

    /// An embedding is read by id, mixed by weights and, where tied, is the head.
    @Test func embedding() {
      let table = randomParameter([9, 4], seed: 4)
      let ids: [Int32] = [3, 0, 3, 8]
      expectGradients(
        of: [randomTensor(4, 9, seed: 5)], [table],
        oracle: { values in
          let (p, e) = (values[0], values[1])
          let rows = (0..<4).map { m in
            (0..<4).map { column in
              (0..<9).reduce(e[Int(ids[m]) * 4 + column]) {
                $0 + p[m * 9 + $1] * e[$1 * 4 + column]
              }
            }
          }
          return rows.flatMap { row in
            (0..<9).map { n in (0..<4).reduce(0) { $0 + row[$1] * e[n * 4 + $1] } }
          }
        },
        operation: {
          let matrix = WeightMatrix(table)
          return matrix.gathered(rows: ids).adding($0[0].linear(matrix.transposed)).linear(matrix)
        })
    }

    static func normalized(
      _ x: [Double], _ gain: [Double], _ bias: [Double]?, centers: Bool
    ) -> [Double] {
      stride(from: 0, to: x.count, by: gain.count).flatMap { start in
        let row = x[start..<start + gain.count]
        let count = Double(gain.count)
        let mean = centers ? row.reduce(0, +) / count : 0
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return gain.indices.map {
          (x[start + $0] - mean) / (variance + 1e-3).squareRoot() * gain[$0] + (bias?[$0] ?? 0)
        }
      }
    }

    @Test(arguments: [2, 3, 16, 37]) func norms(columns: Int) {
      let gain = randomParameter([columns], seed: 6)
      let bias = randomParameter([columns], seed: 7)
      let x = randomTensor(4, columns, seed: 8).adding(
        Tensor(rows: 4, columns: columns, values: [Float](repeating: 0.5, count: 4 * columns)))
      expectGradients(
        of: [x], [gain], oracle: { Self.normalized($0[0], $0[1], nil, centers: false) },
        operation: { $0[0].rmsNormalized(WeightVector(gain), epsilon: 1e-3) })
      expectGradients(
        of: [randomTensor(2, 3 * columns, seed: 9)], [gain],
        oracle: { Self.normalized($0[0], $0[1], nil, centers: false) },
        operation: {
          $0[0].rmsNormalized(WeightVector(gain), epsilon: 1e-3, groupSize: columns)
        })
      expectGradients(
        of: [x], [gain, bias],
        oracle: { Self.normalized($0[0], $0[1], $0[2], centers: true) },
        operation: {
          $0[0].layerNormalized(WeightVector(gain), bias: WeightVector(bias), epsilon: 1e-3)
        })
    }

    @Test func rotary() {
      let table = RotaryTable(inverseFrequencies: [1, 0.1, 0.01], attentionScale: 1.5)
      let positions: [Int32] = [0, 5, 200]
      expectGradients(
        of: [randomTensor(3, 16, seed: 10)],
        oracle: { values in
          stride(from: 0, to: 48, by: 8).flatMap { start -> [Double] in
            let v = values[0][start..<start + 8].map { $0 }
            let angles = [1, 0.1, 0.01].map { Double(Float(positions[start / 16]) * Float($0)) }
            let low = (0..<3).map { 1.5 * (v[$0] * cos(angles[$0]) - v[$0 + 3] * sin(angles[$0])) }
            let high = (0..<3).map { 1.5 * (v[$0 + 3] * cos(angles[$0]) + v[$0] * sin(angles[$0])) }
            return low + high + v[6...]
          }
        }, operation: { $0[0].rotated(positions: positions, table: table, headSize: 8) })
    }

    @Test(arguments: RowTests.functions.filter { $0.name != "add" })
    func functions(function: RowTests.Function) {
      let inputs = (-40...40).map { Float($0) / 8 + 0.01 }
      expectGradients(
        of: [Tensor([inputs])], oracle: { $0[0].map(function.reference) },
        operation: { function.kernel($0[0]) })
    }

    @Test func elements() {
      let (a, b) = (randomTensor(3, 19, seed: 11), randomTensor(3, 19, seed: 12))
      expectGradients(
        of: [a, b], oracle: { zip($0[0], $0[1]).map { $0 / (1 + exp(-$0)) * $1 } },
        operation: { Tensor.swiGLU(gate: $0[0], up: $0[1]) })
      expectGradients(
        of: [a, b], oracle: { zip($0[0], $0[1]).map { exp($0 - 0.5 * $1) + 2 * $0 } },
        operation: {
          $0[0].adding($0[1], scale: -0.5).exponential().adding($0[0]).adding($0[0])
        })
    }

    @Test func parts() {
      let (a, b) = (randomTensor(5, 4, seed: 13), randomTensor(2, 4, seed: 14))
      expectGradients(
        of: [a, b],
        oracle: { values in
          let rows = [8, 12, 4, 4, 0].flatMap { values[0][$0..<$0 + 4] } + values[1]
          return stride(from: 0, to: 28, by: 4).flatMap { start in
            [1, 2].map { exp(rows[start + $0]) }
          }
        },
        operation: {
          Tensor.concatenated([$0[0].slice(rows: 2..<4), $0[0].gatheredRows([1, 1, 0]), $0[1]])
            .slice(columns: 1..<3).exponential()
        })
    }

    @Test(arguments: [2, 5, 16, 100]) func crossEntropy(columns: Int) {
      func losses(_ x: [Double], _ weights: [Double]) -> [Double] {
        stride(from: 0, to: x.count, by: columns).map { start in
          let row = x[start..<start + columns]
          let scale = log(row.reduce(0) { $0 + exp($1) })
          return zip(row, weights[start...]).reduce(0) { $0 + $1.1 * (scale - $1.0) }
        }
      }
      let x = randomTensor(3, columns, seed: 15)
      let classes = [0, columns - 1, columns / 2]
      let choice = classes.flatMap { index in (0..<columns).map { $0 == index ? 1.0 : 0 } }
      let sums: [Float] = [0.5, 0, 2]
      expectGradients(
        of: [x],
        oracle: { [zip(losses($0[0], choice), sums).reduce(0) { $0 + $1.0 * Double($1.1) }] },
        operation: { $0[0].crossEntropy(classes.map { Int32($0) }).weightedSum(sums) })
      let weights = randomValues(3 * columns, seed: 16).map { max($0, 0) }
      expectGradients(
        of: [x], oracle: { losses($0[0], weights.map(Double.init)) },
        operation: { $0[0].crossEntropy(Tensor(rows: 3, columns: columns, values: weights)) })
    }

    @Test func excludedClassesCostNothing() {
      let logits = Tensor([[0, -.infinity, 1]])
      let loss = logits.crossEntropy(Tensor([[1, 0, 0]]))[0][0]
      #expect(abs(loss - log(1 + exp(1))) < 1e-6)
    }

    @Test func squaredError() {
      let (a, b) = (randomTensor(3, 7, seed: 17), randomTensor(3, 7, seed: 18))
      expectGradients(
        of: [a, b],
        oracle: { values in
          (0..<3).map { row in
            (0..<7).reduce(0) {
              let difference = values[0][row * 7 + $1] - values[1][row * 7 + $1]
              return $0 + difference * difference / 7
            }
          }
        }, operation: { $0[0].meanSquaredError($0[1]) })
    }

    /// Sums of 300 products: within 1e-6 of Float64, and the same bits in every setting.
    @Test func weightsOfLargerLayers() {
      for layout in [WeightMatrix.Layout.outputMajor, .inputMajor] {
        let (rows, outputs, inputs) = (300, 70, 131)
        let weight = randomParameter(
          layout == .outputMajor ? [outputs, inputs] : [inputs, outputs], seed: 19)
        let bias = randomParameter([outputs], seed: 20)
        let x = randomTensor(rows, inputs, seed: 21)
        let dy = randomTensor(rows, outputs, seed: 22)
        let results = underAllSettings {
          let sums = ParameterGradients([weight, bias])
          let tape = Tape(addingTo: sums)
          let leaf = tape.watching(x)
          let y = tape.recording {
            leaf.linear(WeightMatrix(weight, layout: layout), bias: WeightVector(bias))
          }
          tape.backward(from: y, cotangent: dy)
          return [0, 1].map { sums.withUnsafeMutableBufferPointer(at: $0) { Array($0) } }
            + [tape.gradient(of: leaf).values]
        }
        for result in results { #expect(result == results[0]) }
        let (a, b) = layout == .outputMajor ? (dy, x) : (x, dy)
        let (left, right) = (a.values.map(Double.init), b.values.map(Double.init))
        var product = [Double](repeating: 0, count: a.columns * b.columns)
        for place in product.indices {
          let (i, j) = (place / b.columns, place % b.columns)
          for row in 0..<rows {
            product[place] += left[row * a.columns + i] * right[row * b.columns + j]
          }
        }
        #expect(relativeError(results[0][0], product) < 1e-6)
      }
    }
  }
}
