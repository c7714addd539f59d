import TacitTensor

/// The rows that one sequence reads in a pass.
public struct RecordedPart: Sendable {
  /// What it has read before.
  public var session: RecordedSession
  /// Rows that it reads.
  public var rowCount: Int
  /// Rows at the end of those whose states are wanted.
  public var wantedCount: Int

  /// Rows whose states are wanted: all of them unless said otherwise.
  public init(_ session: RecordedSession, rowCount: Int, wantedCount: Int? = nil) {
    precondition(rowCount > 0, "a part reads at least one row")
    precondition((0...rowCount).contains(wantedCount ?? rowCount), "more states than rows")
    self.session = session
    self.rowCount = rowCount
    self.wantedCount = wantedCount ?? rowCount
  }
}

/// The memory of one pass over several sequences, through which gradients find their way back.
///
/// Each pass has one of its own; ``sessions`` are then the memories of the next ones.
public struct RecordedMemory: AttentionMemory {
  /// Position of each row of the pass.
  public let positions: [Int32]
  /// What each sequence has read with this pass.
  public let sessions: [RecordedSession]

  private let configuration: ModelConfiguration
  private let pass = RecordedPass()
  /// This pass and every one that it looks back to.
  private let passes: [RecordedPass]
  private let all: RecordedBatch
  private let tail: RecordedBatch
  /// Rows of the wanted tails; nil when they are all rows.
  private let tailRows: [Int]?

  /// The memory of a pass that reads the parts one after another.
  public init(_ parts: [RecordedPart], configuration: ModelConfiguration) {
    self.configuration = configuration
    var passes = [pass]
    var indices = [ObjectIdentifier(pass): 0]
    var all = RecordedBatch()
    var tail = RecordedBatch()
    var tailRows: [Int] = []
    var positions: [Int32] = []
    var sessions: [RecordedSession] = []
    for part in parts {
      let start = positions.count
      let rows = start..<start + part.rowCount
      let first = part.session.nextPosition
      positions += (first..<first + part.rowCount).map { Int32($0) }
      var session = part.session
      session.append(RecordedSession.Stretch(pass: pass, rows: rows))
      sessions.append(session)
      let columns = session.stretches.map { stretch in
        let index = indices[ObjectIdentifier(stretch.pass), default: passes.count]
        if index == passes.count { passes.append(stretch.pass) }
        indices[ObjectIdentifier(stretch.pass)] = index
        return RecordedColumns(source: index, rows: stretch.rows)
      }
      all.append(columns: columns, rows: part.rowCount)
      tail.append(columns: columns, rows: part.wantedCount)
      tailRows += rows.suffix(part.wantedCount)
    }
    self.passes = passes
    self.all = all
    self.tail = tail
    self.tailRows = tailRows.count == positions.count ? nil : tailRows
    self.positions = positions
    self.sessions = sessions
  }

  /// Keeps keys and values of a layer for this pass and later ones, and attends.
  public mutating func attend(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset, window: Int?
  ) -> Tensor {
    precondition(pass.keys.count == layer, "a pass runs each layer once, in order")
    pass.keys.append(key)
    pass.values.append(value)
    let shape = AttentionShape(
      heads: configuration.headCount, keyValueHeads: configuration.keyValueHeadCount,
      headSize: configuration.headSize, window: window)
    return query.attention(
      over: subset == .all ? all : tail, keys: passes.map { $0.keys[layer] },
      values: passes.map { $0.values[layer] }, shape: shape)
  }

  /// The rows of a tensor over all rows that `subset` covers.
  public func rows(of tensor: Tensor, in subset: RowSubset) -> Tensor {
    guard subset == .wantedTail, let tailRows else { return tensor }
    return tensor.gatheredRows(tailRows)
  }

  /// The positions of the rows that `subset` covers.
  public func positions(_ positions: [Int32], in subset: RowSubset) -> [Int32] {
    guard subset == .wantedTail, let tailRows else { return positions }
    return tailRows.map { positions[$0] }
  }
}
