import TacitTensor

/// Which rows of a batch an operation covers.
enum RowSubset: Sendable {
  /// Every row.
  case all
  /// From the first row whose state is wanted to the last row, of each sequence.
  case wantedTail
}

/// Where attention puts keys and values, and finds those of earlier rows.
///
/// Inference keeps them in pages; training keeps recorded tensors. The loop over layers is written
/// once, over this protocol.
protocol AttentionMemory {
  /// Rows of the wanted tails; nil when they are all rows.
  var tailRows: [Int]? { get }

  /// Attends from rows of one layer to the columns of their own sequences that they see.
  ///
  /// - Parameters:
  ///   - step: Layer and run whose columns are meant.
  ///   - query: [rows of `subset`, H·E], rotated.
  ///   - key: [T, K·E], rotated; all rows, appended before attending.
  ///   - value: [T, K·E].
  ///   - subset: Rows that `query` holds.
  ///   - window: Columns that a row sees, its own included; nil is all.
  ///   - edits: Where weights may be dropped; nil leaves them as they are.
  /// - Returns: [rows of `subset`, H·E].
  mutating func attend(
    _ step: ScheduleStep, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset,
    window: Int?, edits: PassEdits?
  ) -> Tensor

  /// Keeps keys and values of a layer that does not run.
  mutating func store(_ step: ScheduleStep, key: Tensor, value: Tensor)

  /// Lets the columns of a layer that does not run hold what another column holds.
  mutating func copyColumns(_ step: ScheduleStep, from column: Int)
}

extension AttentionMemory {
  /// The rows that a subset covers.
  func picker(_ subset: RowSubset) -> RowPicker {
    subset == .all ? .all : RowPicker(indices: tailRows)
  }
}
