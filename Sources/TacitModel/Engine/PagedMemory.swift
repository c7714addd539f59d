import TacitTensor

/// The paged memories of all sequences of one batch.
struct PagedMemory: AttentionMemory {
  private let parts: [BatchPart]
  private let configuration: ModelConfiguration
  private let layout: PageLayout
  private let all: AttentionBatch
  private let tail: AttentionBatch
  /// Rows of the wanted tails; nil when they are all rows.
  private let tailRows: [Int]?

  /// Sessions of all parts must have room for their rows.
  init(parts: [BatchPart], configuration: ModelConfiguration) {
    self.parts = parts
    self.configuration = configuration
    layout = parts[0].request.session.layout
    var all = AttentionBatch()
    var tail = AttentionBatch()
    var tailRows: [Int] = []
    var start = 0
    for part in parts {
      let session = part.request.session
      let pages = session.pages.map { UnsafePointer($0.page.base) }
      let columns = session.count + part.rowCount
      all.append(
        pages: pages, firstColumn: session.firstColumn, columns: columns, rows: part.rowCount)
      tail.append(
        pages: pages, firstColumn: session.firstColumn, columns: columns, rows: part.wantedCount)
      start += part.rowCount
      tailRows += start - part.wantedCount..<start
    }
    self.all = all
    self.tail = tail
    self.tailRows = tailRows.count == start ? nil : tailRows
  }

  func attend(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset, window: Int?
  ) -> Tensor {
    write(key, layer: layer, half: 0)
    write(value, layer: layer, half: 1)
    let shape = AttentionShape(
      heads: configuration.headCount, keyValueHeads: configuration.keyValueHeadCount,
      headSize: configuration.headSize, pageColumns: PageLayout.columnCount,
      layerOffset: layer * layout.layerStride, window: window)
    return query.attention(over: subset == .all ? all : tail, shape: shape)
  }

  func rows(of tensor: Tensor, in subset: RowSubset) -> Tensor {
    guard subset == .wantedTail, let tailRows else { return tensor }
    return tensor.gatheredRows(tailRows)
  }

  func positions(_ positions: [Int32], in subset: RowSubset) -> [Int32] {
    guard subset == .wantedTail, let tailRows else { return positions }
    return tailRows.map { positions[$0] }
  }

  /// Writes rows [T, K·E] to the columns after those that the sessions hold.
  private func write(_ rows: Tensor, layer: Int, half: Int) {
    let heads = layout.keyValueHeadCount
    let width = layout.headSize
    rows.withUnsafeBufferPointer { source in
      var row = 0
      for part in parts {
        let session = part.request.session
        for offset in 0..<part.rowCount {
          let (page, column) = session.place(session.count + offset)
          let target = session.pages[page].page.layer(layer) + half * layout.layerStride / 2
          for head in 0..<heads {
            let from = UnsafeBufferPointer(
              rebasing: source[(row * heads + head) * width..<(row * heads + head + 1) * width])
            (target + (head * PageLayout.columnCount + column) * width).update(
              from: from.baseAddress.unsafelyUnwrapped, count: width)
          }
          row += 1
        }
      }
    }
  }
}
