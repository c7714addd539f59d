import TacitTensor

/// The paged memories of all sequences of one batch.
struct PagedMemory: AttentionMemory {
  /// Rows of the wanted tails; nil when they are all rows.
  let tailRows: [Int]?
  private let layerStride: Int
  private let parts: [BatchPart]
  private let all: AttentionBatch
  private let tail: AttentionBatch
  /// Where the first layer's first key of each row goes.
  private let places: [UnsafeMutableRawPointer]
  /// Heads and pages, as they are for the first layer.
  private let shape: AttentionShape

  /// Memories of all parts must have room for their rows; `shape` is that of the first layer.
  init(parts: [BatchPart], shape: AttentionShape) {
    self.parts = parts
    self.shape = shape
    let layout = parts[0].request.memory.layout
    layerStride = layout.layerStride
    var all = AttentionBatch()
    var tail = AttentionBatch()
    var tailRows: [Int] = []
    var places: [UnsafeMutableRawPointer] = []
    let tailIsAll = parts.allSatisfy { $0.wantedCount == $0.rowCount }
    for part in parts {
      let memory = part.request.memory
      let pages = memory.pages.map { UnsafeRawPointer($0.page.base) }
      let columns = memory.count + part.rowCount
      let bias = part.scoreBias
      all.append(
        pages: pages, firstColumn: memory.firstColumn, columns: columns, rows: part.rowCount,
        bias: bias)
      for offset in 0..<part.rowCount {
        let (page, column) = memory.place(memory.count + offset)
        places.append(memory.pages[page].page.address(of: column * layout.headSize))
      }
      guard !tailIsAll else { continue }
      tail.append(
        pages: pages, firstColumn: memory.firstColumn, columns: columns, rows: part.wantedCount,
        bias: bias?.slice(rows: part.rowCount - part.wantedCount..<part.rowCount))
      tailRows += places.count - part.wantedCount..<places.count
    }
    self.all = all
    self.tail = tailIsAll ? all : tail
    self.tailRows = tailIsAll ? nil : tailRows
    self.places = places
  }

  func attend(
    _ step: ScheduleStep, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset,
    window: Int?, edits: PassEdits?
  ) -> Tensor {
    var shape = shape
    shape.layerOffset = step.slot * layerStride
    shape.window = window
    write(step, key: key, value: value)
    var batch = subset == .all ? all : tail
    if let factors = factors(step.layer, subset, edits) {
      batch = batch.weighted(by: factors, heads: shape.heads)
    }
    return query.attention(over: batch, shape: shape)
  }

  func store(_ step: ScheduleStep, key: Tensor, value: Tensor) {
    write(step, key: key, value: value)
  }

  func copyColumns(_ step: ScheduleStep, from column: Int) {
    for part in parts {
      let memory = part.request.memory
      let (source, sourceColumn) = memory.place(column)
      for offset in 0..<part.rowCount {
        let (page, target) = memory.place(memory.count + offset)
        memory.pages[page].page.copyColumn(
          target, layer: step.slot, from: memory.pages[source].page, column: sourceColumn,
          layer: step.slot)
      }
    }
  }

  private func write(_ step: ScheduleStep, key: Tensor, value: Tensor) {
    let offset = step.slot * layerStride
    key.store(to: places, offset: offset, shape: shape)
    value.store(to: places, offset: offset + layerStride / 2, shape: shape)
  }

  /// Factors of attention weights, sequence by sequence; nil when no weight is dropped.
  private func factors(_ layer: Int, _ subset: RowSubset, _ edits: PassEdits?) -> [Tensor?]? {
    guard let edits, edits.dropsWeights else { return nil }
    var start = 0
    return parts.map { part in
      defer { start += part.rowCount }
      return edits.weightFactors(
        at: start, layer: layer, heads: shape.heads,
        columns: part.request.memory.count + part.rowCount, subset,
        rowCount: subset == .all ? part.rowCount : part.wantedCount)
    }
  }
}
