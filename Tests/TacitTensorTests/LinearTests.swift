import Testing

@testable import TacitTensor

extension KernelTests {
  struct LinearTests {
    struct Shape: CustomTestStringConvertible {
      let outputs, inputs: Int
      var testDescription: String { "\(outputs) × \(inputs)" }
    }
    static let shapes = [
      Shape(outputs: 1, inputs: 1), Shape(outputs: 5, inputs: 15), Shape(outputs: 33, inputs: 16),
      Shape(outputs: 50, inputs: 77), Shape(outputs: 131, inputs: 129),
      Shape(outputs: 7, inputs: 0), Shape(outputs: 0, inputs: 3),
    ]

    /// Sums of up to 129 products of numbers below 1: within 1e-6 of Float64.
    @Test(arguments: shapes, [WeightMatrix.Layout.outputMajor, .inputMajor])
    func equalsFloat64(shape: Shape, layout: WeightMatrix.Layout) {
      let (outputs, inputs) = (shape.outputs, shape.inputs)
      for element in ElementType.allCases {
        let values = randomValues(outputs * inputs, seed: 1)
        let weight = WeightMatrix(
          values, outputs: outputs, inputs: inputs, element: element, layout: layout)
        let bias = WeightVector(randomValues(outputs, seed: 2))
        let rows = (0..<outputs).map { weight.row($0).map(Double.init) }
        for count in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 33, 64] {
          let x = randomTensor(count, inputs, seed: 3)
          let y = x.linear(weight, bias: bias)
          let reference = (0..<count).flatMap { m in
            let row = x[m].map(Double.init)
            return (0..<outputs).map { n in
              zip(row, rows[n]).reduce(Double(bias.values[n])) { $0 + $1.0 * $1.1 }
            }
          }
          #expect(y.rows == count && y.columns == outputs)
          #expect(relativeError(y.values, reference) < 1e-6, "\(element), \(count) rows")
        }
      }
    }

    @Test(arguments: ElementType.allCases, [WeightMatrix.Layout.outputMajor, .inputMajor])
    func rowsKeepTheirBits(element: ElementType, layout: WeightMatrix.Layout) {
      let (outputs, inputs) = (413, 301)
      let weight = WeightMatrix(
        randomValues(outputs * inputs, seed: 4), outputs: outputs, inputs: inputs,
        element: element, layout: layout)
      let x = randomTensor(64, inputs, seed: 5)
      let whole = bits(x.linear(weight))
      for result in underAllSettings({ bits(x.linear(weight)) }) { #expect(result == whole) }
      for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33] {
        for start in [0, 64 - count] {
          let part = x.slice(rows: start..<start + count).linear(weight)
          #expect(bits(part) == Array(whole[start * outputs..<(start + count) * outputs]))
        }
      }
    }

    /// More inputs than are summed at a time, and more rows than share a cache.
    @Test(arguments: ElementType.allCases) func longRowsKeepTheirBits(element: ElementType) {
      let (outputs, inputs, count) = (101, 2071, 75)
      let weight = WeightMatrix(
        randomValues(outputs * inputs, seed: 8), outputs: outputs, inputs: inputs, element: element)
      let bias = WeightVector(randomValues(outputs, seed: 9))
      let x = randomTensor(count, inputs, seed: 10)
      let alone = (0..<count).flatMap {
        bits(x.slice(rows: $0..<$0 + 1).linear(weight, bias: bias))
      }
      for result in underAllSettings({ bits(x.linear(weight, bias: bias)) }) {
        #expect(result == alone)
      }
    }

    @Test(arguments: ElementType.allCases)
    func readsUnalignedBytesInPlace(element: ElementType) {
      let values = randomValues(40 * 20, seed: 6)
      let aligned = WeightMatrix(values, outputs: 40, inputs: 20, element: element)
      final class Bytes {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 3201, alignment: 64)
      }
      let bytes = Bytes()
      defer { bytes.memory.deallocate() }
      (bytes.memory + 1).copyMemory(from: aligned.bytes, byteCount: aligned.byteCount)
      let unaligned = WeightMatrix(
        bytes: UnsafeRawPointer(bytes.memory + 1), element: element, outputs: 40, inputs: 20,
        owner: bytes)
      let x = randomTensor(3, 20, seed: 7)
      #expect(bits(x.linear(unaligned)) == bits(x.linear(aligned)))
      #expect(unaligned.gathered(rows: [39, 0])[0] == aligned.row(39))
    }

    @Test func widensEveryHalfExactly() {
      let patterns = (0...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
      let values = patterns.map { Float(Float16(bitPattern: $0)) }
      let matrix = WeightMatrix(values, outputs: values.count, inputs: 1, element: .float16)
      for row in [0, 1, 0x3ff, 0x400, 0x7c00, 0x7c01] { #expect(matrix.row(row) == [values[row]]) }
      let widened = underAllSettings { bits(matrix.widened()) }
      #expect(widened.allSatisfy { $0 == values.map(\.bitPattern) })
    }

    @Test func roundsToBfloat16ToNearestEven() {
      let bits: [UInt32] = [0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7f80_0000, 0xff80_0000]
      let matrix = WeightMatrix(
        bits.map(Float.init(bitPattern:)), outputs: 1, inputs: 5, element: .bfloat16)
      #expect(
        matrix.row(0).map(\.bitPattern) == [
          0x3f80_0000, 0x3f82_0000, 0x3f81_0000, 0x7f80_0000, 0xff80_0000,
        ])
    }
  }
}
