// Parts of tensors, and tensors of parts.

extension Tensor {
  /// A copy of some consecutive rows.
  public func slice(rows range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows out of range")
    if range.count == rows { return self }
    let part = Tensor(rows: range.count, columns: columns) { memory in
      withUnsafeBufferPointer { source in
        memory.copy(
          UnsafeBufferPointer(
            rebasing: source[range.lowerBound * columns..<range.upperBound * columns]))
      }
    }
    guard let tape = Tape.following(node) else { return part }
    return tape.record(part) { [node, rows, columns] dy in
      let indices = range.map { Int32($0) }
      node?.memory(rows: rows, columns: columns).scatter(dy, to: indices)
    }
  }

  /// A copy of some consecutive columns.
  public func slice(columns range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns out of range")
    if range.count == columns { return self }
    let part = Tensor(rows: rows, columns: range.count) { memory in
      withUnsafeBufferPointer { source in
        for row in 0..<rows {
          let start = row * columns + range.lowerBound
          memory.copy(
            UnsafeBufferPointer(rebasing: source[start..<start + range.count]),
            at: row * range.count)
        }
      }
    }
    guard let tape = Tape.following(node) else { return part }
    return tape.record(part) { [node, rows, columns] dy in
      guard let sums = node?.memory(rows: rows, columns: columns) else { return }
      dy.withUnsafeBufferPointer { dy in
        for row in 0..<rows {
          let target = sums.base + row * columns + range.lowerBound
          for column in 0..<range.count { target[column] += dy[row * range.count + column] }
        }
      }
    }
  }

  /// A copy of the rows at `indices`, in their order.
  public func gatheredRows(_ indices: [Int]) -> Tensor {
    let gathered = Tensor(rows: indices.count, columns: columns) { memory in
      for (row, index) in indices.enumerated() {
        withUnsafeRow(index) { memory.copy($0, at: row * columns) }
      }
    }
    guard !indices.isEmpty, let tape = Tape.following(node) else { return gathered }
    return tape.record(gathered) { [node, rows, columns] dy in
      node?.memory(rows: rows, columns: columns).scatter(dy, to: indices.map { Int32($0) })
    }
  }

  /// The rows of all `tensors`, one tensor after the other.
  public static func concatenated(_ tensors: [Tensor]) -> Tensor {
    guard let first = tensors.first else { return Tensor(zeros: 0, columns: 0) }
    precondition(
      tensors.allSatisfy { $0.columns == first.columns }, "tensors must have equal columns")
    if tensors.count == 1 { return first }
    let rows = tensors.reduce(0) { $0 + $1.rows }
    let whole = Tensor(rows: rows, columns: first.columns) { memory in
      var offset = 0
      for tensor in tensors {
        tensor.withUnsafeBufferPointer { memory.copy($0, at: offset) }
        offset += tensor.count
      }
    }
    guard let tape = Tape.following(tensors.map(\.node)) else { return whole }
    return tape.record(whole) { dy in
      var start = 0
      for tensor in tensors {
        tensor.node?.add(dy.slice(rows: start..<start + tensor.rows))
        start += tensor.rows
      }
    }
  }
}
