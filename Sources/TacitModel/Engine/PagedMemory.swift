import TacitTensor

/// The paged memories of all sequences of one batch.
struct PagedMemory: AttentionMemory {
  private let configuration: ModelConfiguration
  private let layout: PageLayout
  private let all: AttentionBatch
  private let tail: AttentionBatch
  /// Rows of the wanted tails; nil when they are all rows.
  private let tailRows: [Int]?
  /// Where the first layer's first key of each row goes.
  private let places: [UnsafeMutableRawPointer]

  /// Sessions of all parts must have room for their rows.
  init(parts: [BatchPart], configuration: ModelConfiguration) {
    self.configuration = configuration
    layout = parts[0].request.session.layout
    var all = AttentionBatch()
    var tail = AttentionBatch()
    var tailRows: [Int] = []
    var places: [UnsafeMutableRawPointer] = []
    let tailIsAll = parts.allSatisfy { $0.wantedCount == $0.rowCount }
    for part in parts {
      let session = part.request.session
      let pages = session.pages.map { UnsafeRawPointer($0.page.base) }
      let columns = session.count + part.rowCount
      all.append(
        pages: pages, firstColumn: session.firstColumn, columns: columns, rows: part.rowCount)
      for offset in 0..<part.rowCount {
        let (page, column) = session.place(session.count + offset)
        places.append(session.pages[page].page.address(of: column * layout.headSize))
      }
      guard !tailIsAll else { continue }
      tail.append(
        pages: pages, firstColumn: session.firstColumn, columns: columns, rows: part.wantedCount)
      tailRows += places.count - part.wantedCount..<places.count
    }
    self.all = all
    self.tail = tailIsAll ? all : tail
    self.tailRows = tailIsAll ? nil : tailRows
    self.places = places
  }

  func attend(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset, window: Int?
  ) -> Tensor {
    let layerOffset = layer * layout.layerStride
    let shape = AttentionShape(
      heads: configuration.headCount, keyValueHeads: configuration.keyValueHeadCount,
      headSize: configuration.headSize, pageColumns: PageLayout.columnCount,
      layerOffset: layerOffset, element: layout.element, window: window)
    key.store(to: places, offset: layerOffset, shape: shape)
    value.store(to: places, offset: layerOffset + layout.layerStride / 2, shape: shape)
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
}
