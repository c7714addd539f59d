import TacitFault
import TacitTensor

/// Which columns the rows of one read see; columns count from the first one of the memory.
///
/// Sliding windows of the model hold for all of them.
public enum BlockVisibility: Sendable, Equatable {
  /// Each row sees all columns up to its own.
  case causal
  /// Each row sees everything before the block and all rows of the block.
  case bidirectional
  /// Each row sees the ranges of columns named for it, its own column always among them.
  case ranges([[Range<Int>]])

  func validate(rowCount: Int, columns: Int) throws(Fault) {
    guard self != .causal else { return }
    guard rowCount <= Engine.maximumBatchRows else {
      throw .plan(
        "a block whose rows see each other", expected: "\(Engine.maximumBatchRows) rows or fewer",
        found: "\(rowCount)")
    }
    guard case .ranges(let rows) = self else { return }
    guard rows.count == rowCount else {
      throw .plan(
        "visible columns", expected: "ranges for \(rowCount) rows", found: "\(rows.count)")
    }
    let bounds = 0...columns
    for range in rows.joined()
    where !bounds.contains(range.lowerBound) || !bounds.contains(range.upperBound) {
      throw .plan("visible columns", expected: "within 0..<\(columns)", found: "\(range)")
    }
  }

  /// What is added to the scores of `rowCount` rows, the last of `columns`: 0, or -∞ for a column
  /// that is not seen, [rows, columns]; nil where rows are causal.
  func scoreBias(rowCount: Int, columns: Int) -> Tensor? {
    guard self != .causal else { return nil }
    return Tensor(rows: rowCount, columns: columns) { bias in
      bias.update(repeating: self == .bidirectional ? 0 : -.infinity)
      guard case .ranges(let rows) = self else { return }
      for row in 0..<rowCount {
        for column in rows[row].joined() { bias[row * columns + column] = 0 }
        bias[row * columns + columns - rowCount + row] = 0
      }
    }
  }

  /// Columns that the last `asking` of `rowCount` rows see, all together; nil where rows are causal.
  func columnsSeen(rowCount: Int, asking: Int, columns: Int, window: Int?) -> Int? {
    guard let bias = scoreBias(rowCount: rowCount, columns: columns) else { return nil }
    return (rowCount - asking..<rowCount).reduce(0) { sum, row in
      let first = window.map { max(0, columns - rowCount + row - $0 + 1) } ?? 0
      return sum + bias[row][first...].count { $0 == 0 }
    }
  }
}
