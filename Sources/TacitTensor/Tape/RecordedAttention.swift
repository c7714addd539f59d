internal import CKernels

/// Some columns that a sequence attends to: rows of one of several tensors of keys and values.
public struct RecordedColumns: Sendable, Hashable {
  /// Which of the tensors.
  public var source: Int
  /// Rows of that tensor.
  public var rows: Range<Int>

  /// Names rows of a tensor.
  public init(source: Int, rows: Range<Int>) {
    self.source = source
    self.rows = rows
  }
}

/// The sequences of one pass over recorded keys and values; one batch serves all layers.
public struct RecordedBatch: Sendable {
  private struct Entry {
    var columns: [RecordedColumns]
    var firstRow, rows: Int
    var columnCount: Int { columns.reduce(0) { $0 + $1.rows.count } }
  }
  /// By the place of their first column: no two groups have a column in common.
  private var groups: [[Entry]] = []
  private var groupIndices: [RecordedColumns: Int] = [:]
  /// Query rows of one entry at most; more would score too many columns that they cannot see.
  private static let blockRows = 64

  /// The query rows of all sequences.
  public private(set) var rows = 0

  /// Makes an empty batch.
  public init() {}

  /// Adds a sequence whose query rows belong to the last `rows` of its columns: row i sees columns
  /// 0...count - rows + i.
  ///
  /// Sequences may have columns in common if they begin with the same column. The last stretch of
  /// columns holds those of all query rows.
  public mutating func append(columns: [RecordedColumns], rows: Int) {
    guard rows > 0 else { return }
    precondition(rows <= columns.last?.rows.count ?? 0, "query rows belong to the last columns")
    let last = columns.count - 1
    let first = columns.first { !$0.rows.isEmpty } ?? columns[last]
    let origin = first.rows.lowerBound
    let place = RecordedColumns(source: first.source, rows: origin..<origin)
    let group = groupIndices[place, default: groups.count]
    if group == groups.count { groups.append([]) }
    groupIndices[place] = group
    let own = columns[last].rows
    for start in stride(from: 0, to: rows, by: Self.blockRows) {
      let end = min(start + Self.blockRows, rows)
      var visible = columns
      visible[last].rows = own.lowerBound..<own.upperBound - (rows - end)
      groups[group].append(
        Entry(columns: visible, firstRow: self.rows + start, rows: end - start))
    }
    self.rows += rows
  }

  fileprivate func withKernelBatch(
    _ sources: [RecordedSource], _ body: (tacit_recorded_batch) -> Void
  ) {
    var spans: [tacit_recorded_span] = []
    var sequences: [tacit_recorded_sequence] = []
    var starts = [0]
    for group in groups {
      for entry in group {
        sequences.append(
          tacit_recorded_sequence(
            first_span: spans.count, span_count: entry.columns.count,
            columns: entry.columnCount, first_row: entry.firstRow, rows: entry.rows))
        spans += entry.columns.map { sources[$0.source].span($0.rows) }
      }
      starts.append(sequences.count)
    }
    spans.withUnsafeBufferPointer { spans in
      sequences.withUnsafeBufferPointer { sequences in
        starts.withUnsafeBufferPointer { starts in
          guard let span = spans.baseAddress, let sequence = sequences.baseAddress,
            let start = starts.baseAddress
          else { return }
          body(
            tacit_recorded_batch(
              spans: span, sequences: sequence, groups: start, group_count: groups.count))
        }
      }
    }
  }
}

/// The addresses of one source of keys and values, and of their gradients.
private struct RecordedSource {
  let keys, values: UnsafePointer<Float>
  var keyGradients, valueGradients: UnsafeMutablePointer<Float>?
  let rowCount, columns: Int

  init(keys: Tensor, values: Tensor, withGradients: Bool) {
    precondition(keys.hasShape(of: values), "each key needs a value")
    self.keys = keys.withBase { $0 }
    self.values = values.withBase { $0 }
    rowCount = keys.rows
    columns = keys.columns
    if withGradients {
      keyGradients = keys.node?.memory(rows: rowCount, columns: columns).base
      valueGradients = values.node?.memory(rows: rowCount, columns: columns).base
    }
  }

  func span(_ rows: Range<Int>) -> tacit_recorded_span {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "columns out of range")
    let offset = rows.lowerBound * columns
    return tacit_recorded_span(
      keys: keys + offset, values: values + offset,
      key_gradients: keyGradients.map { $0 + offset },
      value_gradients: valueGradients.map { $0 + offset }, columns: rows.count)
  }
}

extension Tensor {
  /// Causal attention of these queries over recorded keys and values.
  ///
  /// Queries and results are [ΣT, H·E], keys and values of each source [T, K·E]. A row's result
  /// has the bits that it has over pages.
  public func attention(
    over batch: RecordedBatch, keys: [Tensor], values: [Tensor], shape: AttentionShape
  ) -> Tensor {
    precondition(columns == shape.heads * shape.headSize, "queries must be [ΣT, H·E]")
    precondition(rows == batch.rows, "each query row belongs to a sequence")
    precondition(keys.count == values.count, "each source has keys and values")
    let width = shape.keyValueHeads * shape.headSize
    precondition(keys.allSatisfy { $0.columns == width }, "keys must be [T, K·E]")
    func withBatch(gradients: Bool, _ body: (tacit_recorded_batch) -> Void) {
      withExtendedLifetime((keys, values)) {
        let sources = zip(keys, values).map {
          RecordedSource(keys: $0, values: $1, withGradients: gradients)
        }
        batch.withKernelBatch(sources, body)
      }
    }
    var kernelShape = shape.kernelShape
    let y = mapped { y, queries in
      withBatch(gradients: false) { tacit_recorded_attention(y, queries, &kernelShape, $0) }
    }
    guard rows > 0, let tape = Tape.following([node] + (keys + values).map(\.node)) else {
      return y
    }
    return tape.record(y) { [self] dy in
      let gradient = mapped { dq, queries in
        dy.withBase { dy in
          withBatch(gradients: true) {
            tacit_recorded_attention_gradient(dq, dy, queries, &kernelShape, $0)
          }
        }
      }
      node?.add(gradient)
    }
  }
}
