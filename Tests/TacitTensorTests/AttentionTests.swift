import Testing

@testable import TacitTensor

#if canImport(Glibc)
  import Glibc
#endif

extension KernelTests {
  struct AttentionTests {
    /// One sequence: keys and values by column and head, cut into pages.
    struct Memory {
      let heads, size, columns: Int
      let keys, values: [Float]  // [columns, K, E]

      init(heads: Int, size: Int, columns: Int, keys: [Float], values: [Float]) {
        (self.heads, self.size, self.columns) = (heads, size, columns)
        (self.keys, self.values) = (keys, values)
      }

      init(heads: Int, size: Int, columns: Int, seed: UInt64) {
        let count = columns * heads * size
        self.init(
          heads: heads, size: size, columns: columns,
          keys: randomValues(count, seed: seed).map { 3 * $0 },
          values: randomValues(count, seed: seed + 1))
      }

      /// Pages of `length` columns; the first column lies `offset` columns into the first page.
      func pages(length: Int, offset: Int, layerOffset: Int) -> [[Float]] {
        let floats = layerOffset + 2 * heads * length * size
        let count = (offset + columns + length - 1) / length
        var pages = [[Float]](repeating: [Float](repeating: .nan, count: floats), count: count)
        for column in 0..<columns {
          let (page, slot) = ((offset + column) / length, (offset + column) % length)
          for head in 0..<heads {
            for i in 0..<size {
              let place = layerOffset + (head * length + slot) * size + i
              let source = (column * heads + head) * size + i
              pages[page][place] = keys[source]
              pages[page][place + heads * length * size] = values[source]
            }
          }
        }
        return pages
      }

      func reference(_ queries: Tensor, shape: AttentionShape) -> [Double] {
        let group = shape.heads / heads
        return (0..<queries.rows).flatMap { row -> [Double] in
          let end = columns - queries.rows + row + 1
          let begin = max(0, end - (shape.window ?? end))
          let query = queries[row].map(Double.init)
          return (0..<shape.heads).flatMap { head -> [Double] in
            func at(_ memory: [Float], _ column: Int, _ i: Int) -> Double {
              Double(memory[(column * heads + head / group) * size + i])
            }
            let scores = (begin..<end).map { column in
              (0..<size).reduce(0) { $0 + query[head * size + $1] * at(keys, column, $1) }
                * Double(shape.scale)
            }
            let most = scores.max() ?? 0
            let weights = scores.map { exp($0 - most) }
            let total = weights.reduce(0, +)
            return (0..<size).map { i in
              zip(begin..<end, weights).reduce(0) { $0 + $1.1 * at(values, $1.0, i) } / total
            }
          }
        }
      }
    }

    func attend(
      _ queries: [Tensor], _ memories: [Memory], shape: AttentionShape, offsets: [Int]
    ) -> Tensor {
      var batch = AttentionBatch()
      var allocations: [UnsafeMutablePointer<Float>] = []
      defer { for pointer in allocations { pointer.deallocate() } }
      for (index, memory) in memories.enumerated() {
        let pages = memory.pages(
          length: shape.pageColumns, offset: offsets[index], layerOffset: shape.layerOffset)
        let pointers = pages.map { page in
          let pointer = UnsafeMutablePointer<Float>.allocate(capacity: page.count)
          pointer.initialize(from: page, count: page.count)
          allocations.append(pointer)
          return UnsafeRawPointer(pointer)
        }
        batch.append(
          pages: pointers, firstColumn: offsets[index], columns: memory.columns,
          rows: queries[index].rows)
      }
      return Tensor.concatenated(queries).attention(over: batch, shape: shape)
    }

    /// Scores up to 10 in Float32: within 3e-6 of Float64.
    @Test(arguments: [nil, 1, 5, 40] as [Int?])
    func equalsFloat64(window: Int?) {
      for (heads, keyValueHeads, size) in [(4, 2, 16), (6, 1, 20), (2, 2, 7), (16, 1, 32)] {
        let shape = AttentionShape(
          heads: heads, keyValueHeads: keyValueHeads, headSize: size, pageColumns: 8,
          layerOffset: 12, window: window)
        for (columns, rows) in [(1, 1), (37, 1), (37, 5), (40, 40), (9, 2)] {
          let memory = Memory(heads: keyValueHeads, size: size, columns: columns, seed: 10)
          let queries = randomTensor(rows, heads * size, seed: 12)
          let y = attend([queries], [memory], shape: shape, offsets: [3])
          #expect(relativeError(y.values, memory.reference(queries, shape: shape)) < 3e-6)
        }
      }
    }

    @Test(arguments: [nil, 11] as [Int?])
    func rowsKeepTheirBits(window: Int?) {
      let memories = (0..<3).map {
        Memory(heads: 2, size: 24, columns: 30 + 29 * $0, seed: 20 + UInt64($0))
      }
      let queries = (0..<3).map { randomTensor(1 + 14 * $0, 4 * 24, seed: 30 + UInt64($0)) }
      func shape(_ pageColumns: Int) -> AttentionShape {
        AttentionShape(
          heads: 4, keyValueHeads: 2, headSize: 24, pageColumns: pageColumns, window: window)
      }
      let alone = (0..<3).flatMap { index -> [UInt32] in
        bits(attend([queries[index]], [memories[index]], shape: shape(16), offsets: [0]))
      }
      let lastRow = queries[2].slice(rows: 28..<29)
      let last = bits(attend([lastRow], [memories[2]], shape: shape(5), offsets: [2]))
      #expect(last == Array(alone.suffix(4 * 24)))
      let pagings = [(16, [0, 0, 0]), (16, [5, 15, 1]), (7, [6, 0, 3]), (99, [0, 9, 4])]
      for (pageColumns, offsets) in pagings {
        let results = underAllSettings {
          bits(attend(queries, memories, shape: shape(pageColumns), offsets: offsets))
        }
        for result in results { #expect(result == alone) }
      }
    }

    @Test func laterColumnsCannotReachEarlierRows() {
      let shape = AttentionShape(heads: 2, keyValueHeads: 1, headSize: 16, pageColumns: 4)
      let queries = randomTensor(6, 32, seed: 40)
      let clean = Memory(heads: 1, size: 16, columns: 9, seed: 41)
      let before = attend([queries], [clean], shape: shape, offsets: [0])
      var pages = clean.pages(length: 4, offset: 0, layerOffset: 0)
      for i in pages[2].indices { pages[2][i] = .nan }  // column 8, which only the last row sees
      var batch = AttentionBatch()
      let after = pages[0].withUnsafeBufferPointer { first in
        pages[1].withUnsafeBufferPointer { second in
          pages[2].withUnsafeBufferPointer { third in
            let pages = [first, second, third].map { UnsafeRawPointer($0.baseAddress!) }
            batch.append(pages: pages, columns: 9, rows: 6)
            return queries.attention(over: batch, shape: shape)
          }
        }
      }
      #expect(bits(after).prefix(5 * 32) == bits(before).prefix(5 * 32))
      #expect(after[5].allSatisfy { $0.isNaN })
    }

    /// Half pages give what Float32 pages of rounded keys and values give, bit for bit.
    @Test(arguments: [nil, 11] as [Int?])
    func halfPages(window: Int?) {
      for (heads, keyValueHeads, size, rows) in [(4, 2, 24, 9), (16, 1, 32, 1), (2, 2, 7, 40)] {
        let memory = Memory(heads: keyValueHeads, size: size, columns: 45, seed: 50)
        let rounded = Memory(
          heads: keyValueHeads, size: size, columns: 45,
          keys: memory.keys.map { Float(Float16($0)) },
          values: memory.values.map { Float(Float16($0)) })
        var shape = AttentionShape(
          heads: heads, keyValueHeads: keyValueHeads, headSize: size, pageColumns: 16,
          layerOffset: 8, window: window)
        let queries = randomTensor(rows, heads * size, seed: 51)
        let expected = bits(attend([queries], [rounded], shape: shape, offsets: [5]))
        shape.element = .float16
        let results = underAllSettings { bits(attendInHalf(queries, memory, shape, offset: 5)) }
        for result in results { #expect(result == expected) }
      }
    }

    private func attendInHalf(
      _ queries: Tensor, _ memory: Memory, _ shape: AttentionShape, offset: Int
    ) -> Tensor {
      let (heads, size, length) = (memory.heads, memory.size, shape.pageColumns)
      let count = shape.layerOffset + 2 * heads * length * size
      let pages = (0..<(offset + memory.columns + length - 1) / length).map { _ in
        UnsafeMutableRawPointer.allocate(byteCount: 2 * count, alignment: 64)
      }
      defer { for page in pages { page.deallocate() } }
      let places = (offset..<offset + memory.columns).map {
        pages[$0 / length] + 2 * ($0 % length) * size
      }
      func rows(_ values: [Float]) -> Tensor {
        Tensor(rows: memory.columns, columns: heads * size, values: values)
      }
      rows(memory.keys).store(to: places, offset: shape.layerOffset, shape: shape)
      rows(memory.values).store(
        to: places, offset: shape.layerOffset + heads * length * size, shape: shape)
      var batch = AttentionBatch()
      batch.append(
        pages: pages.map { UnsafeRawPointer($0) }, firstColumn: offset, columns: memory.columns,
        rows: queries.rows)
      return queries.attention(over: batch, shape: shape)
    }

    /// Halves are rounded to nearest even and never become infinite.
    @Test func storedHalves() {
      var values = randomValues(2000, seed: 60).map { $0 * 1e-6 }
      values += randomValues(2000, seed: 61).map { $0 * 100 }
      values += [0, -0.0, 65504, 65519, 65520, 1e9, -1e9, .infinity, -.infinity, 2049, 2051, 6e-8]
      let shape = AttentionShape(
        heads: 1, keyValueHeads: 1, headSize: values.count, pageColumns: 1, element: .float16)
      let expected = values.map { Float16(min(max($0, -65504), 65504)).bitPattern }
      let found = underAllSettings {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { memory in
          Tensor([values]).store(
            to: [UnsafeMutableRawPointer(memory.baseAddress!)], offset: 0, shape: shape)
          return Array(memory)
        }
      }
      for result in found { #expect(result == expected) }
    }
  }
}
