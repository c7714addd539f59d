import TacitTensor

/// What the plans of one pass change in single rows.
struct PassEdits {
  /// The rows of one sequence within the pass.
  struct Part {
    let plan: StackPlan
    /// Rows of the whole read, of which a part is a chunk.
    let readCount: Int
    /// Number of the first row of the chunk within the read.
    let firstRow: Int
    /// Column that the first row of the chunk gets.
    let firstColumn: Int
    /// Where the chunk lies among all rows of the pass.
    let all: Range<Int>
    /// Where its end lies among the rows of the wanted tails.
    let tail: Range<Int>
  }

  let parts: [Part]

  /// The parts that change anything; nil when none does.
  init?(_ parts: [Part]) {
    let editing = parts.filter { $0.plan.editsRows }
    guard !editing.isEmpty else { return nil }
    self.parts = editing
  }

  /// Whether weights of attention are dropped anywhere.
  var dropsWeights: Bool {
    parts.contains { part in
      part.plan.dropout.map { $0.rate > 0 && $0.sites.contains(.attentionWeights) } ?? false
    }
  }

  /// The tensor of a place with changed rows.
  func apply(to tensor: Tensor, at site: VectorAddition.Site, _ subset: RowSubset) -> Tensor {
    var edits: [RowEdit] = []
    for part in parts {
      if let dropout = part.plan.dropout, let place = Self.place(of: site, in: dropout) {
        for row in part.rows(dropout.rows, subset) {
          let factors = dropout.factors(
            column: row.column, place: place, count: tensor.columns)
          edits.append(RowEdit(row: row.index, .multiplied(factors)))
        }
      }
      for addition in part.plan.additions where addition.site == site {
        for row in part.rows(addition.rows, subset) {
          edits.append(RowEdit(row: row.index, addition.change))
        }
      }
    }
    return tensor.edited(edits)
  }

  /// Factors of attention weights, [rows · H, columns], of the part that begins at row `start`.
  func weightFactors(
    at start: Int, layer: Int, heads: Int, columns: Int, _ subset: RowSubset, rowCount: Int
  ) -> Tensor? {
    guard let part = parts.first(where: { $0.all.lowerBound == start }),
      let dropout = part.plan.dropout, dropout.rate > 0, dropout.sites.contains(.attentionWeights)
    else { return nil }
    let place = Dropout.place(.attentionWeights, layer: layer)
    var factors = Tensor(rows: rowCount * heads, columns: columns) { $0.update(repeating: 1) }
    let base = part.range(subset).lowerBound
    for row in part.rows(dropout.rows, subset) {
      for head in 0..<heads {
        factors[(row.index - base) * heads + head] = dropout.factors(
          column: row.column, place: place, head: head, count: columns)
      }
    }
    return factors
  }

  /// Number of a place where components are dropped; nil where none are.
  private static func place(of site: VectorAddition.Site, in dropout: Dropout) -> Int? {
    let kind: Dropout.Site? =
      switch site {
      case .embedding: .embedding
      case .attention: .attention
      case .feedForward: .feedForward
      case .residual: nil
      }
    guard let kind, dropout.rate > 0, dropout.sites.contains(kind) else { return nil }
    return Dropout.place(kind, layer: site.layer)
  }
}

extension PassEdits.Part {
  func range(_ subset: RowSubset) -> Range<Int> { subset == .all ? all : tail }

  /// Rows of the read that lie in this chunk and subset: their places there and their columns.
  func rows(_ rows: PlannedRows, _ subset: RowSubset) -> [(index: Int, column: Int)] {
    let range = range(subset)
    // The tail holds the last rows of the chunk.
    let first = firstRow + all.count - range.count
    return rows.range(of: readCount).clamped(to: first..<first + range.count).map {
      (range.lowerBound + $0 - first, firstColumn + $0 - firstRow)
    }
  }
}

extension PassEdits? {
  func applied(
    to tensor: @autoclosure () -> Tensor, at site: VectorAddition.Site, _ subset: RowSubset
  ) -> Tensor {
    self?.apply(to: tensor(), at: site, subset) ?? tensor()
  }
}

extension VectorAddition {
  fileprivate var change: RowEdit.Change {
    switch mode {
    case .added: .added(vector, strength: strength)
    case .normKept: .turned(vector, strength: strength)
    }
  }
}
