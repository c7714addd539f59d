/// A matrix of Float32 numbers with value semantics, stored row after row.
///
/// Copies share memory until one of them is written.
public struct Tensor: @unchecked Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  private var storage: TensorStorage

  /// Makes a tensor whose memory `body` must fill completely.
  public init(
    rows: Int, columns: Int,
    uninitialized body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    precondition(rows >= 0 && columns >= 0, "a tensor's shape cannot be negative")
    self.rows = rows
    self.columns = columns
    storage = TensorStorage(count: rows * columns)
    try body(UnsafeMutableBufferPointer(start: storage.base, count: rows * columns))
  }

  /// Makes a tensor of zeros.
  public init(zeros rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns) { $0.update(repeating: 0) }
  }

  /// Makes a tensor of `values`, given row after row.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "the number of values must be rows × columns")
    self.init(rows: rows, columns: columns) { memory in
      values.withUnsafeBufferPointer { memory.copy($0) }
    }
  }

  /// Makes a tensor of rows of equal length.
  public init(_ rows: [[Float]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows must have equal lengths")
    self.init(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
  }

  /// The number of elements.
  public var count: Int { rows * columns }

  /// All elements, row after row.
  public var values: [Float] { withUnsafeBufferPointer { Array($0) } }

  /// One row.
  public subscript(row: Int) -> [Float] {
    get { withUnsafeRow(row) { Array($0) } }
    set {
      precondition(newValue.count == columns, "a row must have as many values as columns")
      precondition(row >= 0 && row < rows, "row out of range")
      let start = row * columns
      withUnsafeMutableBufferPointer { memory in
        newValue.withUnsafeBufferPointer { memory.copy($0, at: start) }
      }
    }
  }

  /// Calls `body` with all elements, row after row.
  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base, count: count))
    }
  }

  /// Calls `body` with the elements of one row.
  public func withUnsafeRow<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(row >= 0 && row < rows, "row out of range")
    return try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base + row * columns, count: columns))
    }
  }

  /// Calls `body` with all elements for writing, copied first if they are shared.
  public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = TensorStorage(count: count)
      copy.base.update(from: storage.base, count: count)
      storage = copy
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
    }
  }

  /// A copy of some consecutive rows.
  public func slice(rows range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows out of range")
    if range.count == rows { return self }
    return Tensor(rows: range.count, columns: columns) { memory in
      withUnsafeBufferPointer { source in
        memory.copy(
          UnsafeBufferPointer(
            rebasing: source[range.lowerBound * columns..<range.upperBound * columns]))
      }
    }
  }

  /// A copy of some consecutive columns.
  public func slice(columns range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns out of range")
    if range.count == columns { return self }
    return Tensor(rows: rows, columns: range.count) { memory in
      withUnsafeBufferPointer { source in
        for row in 0..<rows {
          let start = row * columns + range.lowerBound
          memory.copy(
            UnsafeBufferPointer(rebasing: source[start..<start + range.count]),
            at: row * range.count)
        }
      }
    }
  }

  /// A copy of the rows at `indices`, in their order.
  public func gatheredRows(_ indices: [Int]) -> Tensor {
    Tensor(rows: indices.count, columns: columns) { memory in
      for (row, index) in indices.enumerated() {
        withUnsafeRow(index) { memory.copy($0, at: row * columns) }
      }
    }
  }

  /// The rows of all `tensors`, one tensor after the other.
  public static func concatenated(_ tensors: [Tensor]) -> Tensor {
    guard let first = tensors.first else { return Tensor(zeros: 0, columns: 0) }
    precondition(
      tensors.allSatisfy { $0.columns == first.columns }, "tensors must have equal columns")
    if tensors.count == 1 { return first }
    let rows = tensors.reduce(0) { $0 + $1.rows }
    return Tensor(rows: rows, columns: first.columns) { memory in
      var offset = 0
      for tensor in tensors {
        tensor.withUnsafeBufferPointer { memory.copy($0, at: offset) }
        offset += tensor.count
      }
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes are equal and elements compare equal (NaN differs from itself).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.rows == b.rows && a.columns == b.columns
      && a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { a.elementsEqual($0) } }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Writes all of `source` from `offset` on.
  fileprivate func copy(_ source: UnsafeBufferPointer<Float>, at offset: Int = 0) {
    guard let from = source.baseAddress, let to = baseAddress else { return }
    (to + offset).update(from: from, count: source.count)
  }
}
