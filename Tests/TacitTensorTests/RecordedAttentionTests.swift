import Testing

@testable import TacitTensor

#if canImport(Glibc)
  import Glibc
#endif

extension KernelTests {
  /// Sequences that share columns: a prefix, two branches of it, a tail of one of them cut short.
  struct RecordedAttentionTests {
    struct Sequence {
      let columns: [RecordedColumns]
      let rows: Int
    }

    static let heads = 4
    static let keyValueHeads = 2
    static let size = 5
    static let sequences = [
      Sequence(columns: [.init(source: 0, rows: 0..<6), .init(source: 1, rows: 0..<2)], rows: 2),
      Sequence(columns: [.init(source: 1, rows: 4..<5)], rows: 1),
      Sequence(columns: [.init(source: 0, rows: 0..<6), .init(source: 1, rows: 2..<4)], rows: 1),
      Sequence(
        columns: [
          .init(source: 0, rows: 0..<4), .init(source: 2, rows: 0..<1),
          .init(source: 1, rows: 5..<8),
        ], rows: 3),
    ]

    static func batch(_ sequences: [Sequence]) -> RecordedBatch {
      var batch = RecordedBatch()
      for sequence in sequences { batch.append(columns: sequence.columns, rows: sequence.rows) }
      return batch
    }

    static func shape(window: Int?) -> AttentionShape {
      AttentionShape(heads: heads, keyValueHeads: keyValueHeads, headSize: size, window: window)
    }

    /// Queries, then keys of three sources, then their values.
    static func attended(_ values: [[Double]], window: Int?) -> [Double] {
      var result: [Double] = []
      for sequence in sequences {
        let columns = sequence.columns.flatMap { part in part.rows.map { (part.source, $0) } }
        for row in 0..<sequence.rows {
          let end = columns.count - sequence.rows + row + 1
          let seen = columns[max(0, end - (window ?? end))..<end]
          for head in 0..<heads {
            let query = result.count
            let keyHead = head / (heads / keyValueHeads)
            func at(_ offset: Int, _ column: (Int, Int), _ i: Int) -> Double {
              values[offset + column.0][(column.1 * keyValueHeads + keyHead) * size + i]
            }
            let weights = seen.map { column in
              exp(
                (0..<size).reduce(0) { $0 + values[0][query + $1] * at(1, column, $1) }
                  / Double(size).squareRoot())
            }
            let total = weights.reduce(0, +)
            result += (0..<size).map { i in
              zip(seen, weights).reduce(0) { $0 + $1.1 * at(4, $1.0, i) } / total
            }
          }
        }
      }
      return result
    }

    @Test(arguments: [nil, 3] as [Int?]) func gradients(window: Int?) {
      let width = Self.keyValueHeads * Self.size
      let counts = [6, 8, 1]
      let queries = randomTensor(7, Self.heads * Self.size, seed: 30)
      let memory = (0..<6).map { randomTensor(counts[$0 % 3], width, seed: 31 + UInt64($0)) }
      expectGradients(
        of: [queries] + memory, oracle: { Self.attended($0, window: window) },
        operation: {
          $0[0].attention(
            over: Self.batch(Self.sequences), keys: Array($0[1...3]), values: Array($0[4...]),
            shape: Self.shape(window: window))
        })
    }

    /// 150 rows after 40: more than one block of rows, against the paged kernel, bit for bit.
    @Test(arguments: [nil, 33] as [Int?]) func hasTheBitsOfPages(window: Int?) {
      let width = Self.keyValueHeads * Self.size
      let keys = randomTensor(190, width, seed: 40)
      let values = randomTensor(190, width, seed: 41)
      let queries = randomTensor(150, Self.heads * Self.size, seed: 42)
      let paged = AttentionTests.Memory(
        heads: Self.keyValueHeads, size: Self.size, columns: 190, keys: keys.values,
        values: values.values)
      var shape = Self.shape(window: window)
      shape.pageColumns = 16
      let expected = bits(
        AttentionTests().attend([queries], [paged], shape: shape, offsets: [3]))
      var batch = RecordedBatch()
      batch.append(
        columns: [.init(source: 1, rows: 0..<40), .init(source: 0, rows: 0..<150)], rows: 150)
      let results = underAllSettings {
        bits(
          queries.attention(
            over: batch, keys: [keys.slice(rows: 40..<190), keys.slice(rows: 0..<40)],
            values: [values.slice(rows: 40..<190), values.slice(rows: 0..<40)], shape: shape))
      }
      for result in results { #expect(result == expected) }
    }

    @Test func gradientsHaveTheSameBitsInEverySetting() {
      let width = Self.keyValueHeads * Self.size
      let results = underAllSettings { () -> [[UInt32]] in
        let tape = Tape()
        let keys = tape.watching(randomTensor(200, width, seed: 43))
        let values = tape.watching(randomTensor(200, width, seed: 44))
        let queries = tape.watching(randomTensor(130, Self.heads * Self.size, seed: 45))
        var batch = RecordedBatch()
        for start in [70, 130] {
          batch.append(
            columns: [.init(source: 0, rows: 0..<70), .init(source: 0, rows: start..<start + 60)],
            rows: 60)
        }
        batch.append(columns: [.init(source: 0, rows: 190..<200)], rows: 10)
        let y = tape.recording {
          queries.attention(
            over: batch, keys: [keys], values: [values], shape: Self.shape(window: nil))
        }
        tape.backward(from: y, cotangent: y.detached)
        return [keys, values, queries].map { bits(tape.gradient(of: $0)) }
      }
      for result in results { #expect(result == results[0]) }
    }
  }
}
