internal import CKernels

/// The heads of an attention layer and the pages that hold its keys and values.
///
/// From element `layerOffset` on, a page holds keys [K, P, E] and then values [K, P, E].
public struct AttentionShape: Sendable {
  /// Query heads H.
  public var heads: Int
  /// Heads K of keys and values; each serves H / K query heads.
  public var keyValueHeads: Int
  /// Columns E of a head.
  public var headSize: Int
  /// Columns P of a page; recorded keys and values have none.
  public var pageColumns: Int
  /// Elements before this layer's keys in each page.
  public var layerOffset: Int
  /// How pages hold keys and values: as Float32, or rounded to Float16.
  public var element: ElementType
  /// Columns a row may look back to, itself included; nil means all.
  public var window: Int?
  /// The factor of the scores, usually 1 / √E.
  public var scale: Float

  /// Describes a layer; the scale is 1 / √E unless given.
  public init(
    heads: Int, keyValueHeads: Int, headSize: Int, pageColumns: Int = 1, layerOffset: Int = 0,
    element: ElementType = .float32, window: Int? = nil, scale: Float? = nil
  ) {
    precondition(heads > 0 && keyValueHeads > 0 && heads % keyValueHeads == 0, "uneven groups")
    precondition(headSize > 0 && pageColumns > 0 && layerOffset >= 0, "impossible pages")
    precondition(window.map { $0 > 0 } ?? true, "a window holds at least one column")
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.pageColumns = pageColumns
    self.layerOffset = layerOffset
    self.element = element
    self.window = window
    self.scale = scale ?? 1 / Float(headSize).squareRoot()
  }

  var kernelShape: tacit_attention_shape {
    tacit_attention_shape(
      heads: heads, key_value_heads: keyValueHeads, head_size: headSize,
      page_columns: pageColumns, element: element.kernelElement, layer_offset: layerOffset,
      window: window ?? 0, scale: scale)
  }
}

/// The sequences of one forward pass, with the pages of each.
///
/// One batch serves all layers.
public struct AttentionBatch: @unchecked Sendable {
  private struct Entry {
    var firstPage, pageCount, firstColumn, columns, rows: Int
    var bias: UnsafePointer<Float>?
    var factors: UnsafePointer<Float>?
  }
  private var pages: [UnsafeRawPointer] = []
  private var entries: [Entry] = []
  /// Biases and factors of the sequences that have some.
  private var tables: [Tensor] = []

  /// The query rows of all sequences.
  public private(set) var rows = 0

  /// Makes an empty batch.
  public init() {}

  /// Adds a sequence whose `columns` start `firstColumn` columns into the first of its `pages`.
  ///
  /// Its query rows belong to its last `rows` columns: row i sees columns 0...columns - rows + i.
  /// The caller keeps the pages alive and unchanged while the batch is used.
  /// - Parameters:
  ///   - pages: Where the columns are.
  ///   - firstColumn: Columns of the first page before those of the sequence.
  ///   - columns: Columns of the sequence.
  ///   - rows: Query rows.
  ///   - bias: What is added to the scores of all columns, [rows, columns], in place of causality;
  ///     -∞ hides a column.
  public mutating func append(
    pages: [UnsafeRawPointer], firstColumn: Int = 0, columns: Int, rows: Int,
    bias: Tensor? = nil
  ) {
    precondition(firstColumn >= 0 && rows >= 0 && rows <= columns, "more rows than columns")
    precondition(
      bias.map { $0.rows == rows && $0.columns == columns } ?? true, "a bias for each score")
    let firstPage = self.pages.count
    for page in pages { self.pages.append(page) }
    entries.append(
      Entry(
        firstPage: firstPage, pageCount: self.pages.count - firstPage,
        firstColumn: firstColumn, columns: columns, rows: rows, bias: keep(bias)))
    self.rows += rows
  }

  /// The same batch with factors of the weights after the softmax, [rows · H, columns] for each
  /// sequence; nil leaves its weights as they are.
  public func weighted(by factors: [Tensor?], heads: Int) -> AttentionBatch {
    precondition(factors.count == entries.count, "factors or none for each sequence")
    var batch = self
    for (index, table) in factors.enumerated() {
      precondition(
        table.map {
          $0.rows == entries[index].rows * heads && $0.columns == entries[index].columns
        } ?? true, "a factor for each weight")
      batch.entries[index].factors = batch.keep(table)
    }
    return batch
  }

  /// Keeps a table for as long as the batch; its memory never moves.
  private mutating func keep(_ table: Tensor?) -> UnsafePointer<Float>? {
    guard let table, table.count > 0 else { return nil }
    tables.append(table)
    return table.withBase { $0 }
  }

  fileprivate func withSequences(
    pageColumns: Int, _ body: (UnsafeBufferPointer<tacit_attention_sequence>) -> Void
  ) {
    pages.withUnsafeBufferPointer { pages in
      guard let firstPage = pages.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: tacit_attention_sequence.self, capacity: entries.count) {
        for (index, entry) in entries.enumerated() {
          precondition(
            entry.firstColumn + entry.columns <= entry.pageCount * pageColumns,
            "a sequence needs more pages")
          $0.initializeElement(
            at: index,
            to: tacit_attention_sequence(
              pages: firstPage + entry.firstPage, first_column: entry.firstColumn,
              columns: entry.columns, rows: entry.rows, bias: entry.bias, factors: entry.factors))
        }
        body(UnsafeBufferPointer($0))
      }
    }
  }
}

extension Tensor {
  /// Attention of these queries, causal unless the batch says otherwise, over the pages of `batch`.
  ///
  /// Queries and results are [ΣT, H·E], sequence after sequence. The softmax is taken in Float32; a row's result depends on nothing but the columns it sees.
  public func attention(over batch: AttentionBatch, shape: AttentionShape) -> Tensor {
    precondition(columns == shape.heads * shape.headSize, "queries must be [ΣT, H·E]")
    precondition(rows == batch.rows, "each query row belongs to a sequence")
    precondition(Tape.following(node) == nil, "pages keep no gradients: use a recorded batch")
    var kernelShape = shape.kernelShape
    return mapped { y, queries in
      batch.withSequences(pageColumns: shape.pageColumns) { sequences in
        guard let first = sequences.baseAddress else { return }
        tacit_attention(y, queries, &kernelShape, first, sequences.count)
      }
    }
  }

  /// Writes these rows [T, K·E] of keys or values to columns of pages.
  ///
  /// The first head's place of row i is element `offset` from `places[i]` on. Float16 is rounded to
  /// nearest, ties to even, within ±65504. The caller owns the pages.
  public func store(
    to places: [UnsafeMutableRawPointer], offset: Int, shape: AttentionShape
  ) {
    precondition(columns == shape.keyValueHeads * shape.headSize, "rows must be [T, K·E]")
    precondition(rows == places.count, "a place for each row")
    precondition(shape.element != .bfloat16, "pages hold Float32 or Float16")
    var kernelShape = shape.kernelShape
    withUnsafeBufferPointer { rows in
      guard let first = rows.baseAddress else { return }
      tacit_store_columns(places, offset, first, places.count, &kernelShape)
    }
  }
}
