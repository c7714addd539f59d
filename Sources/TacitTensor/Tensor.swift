/// A matrix of Float32 numbers with value semantics, stored row after row.
///
/// Copies share memory until one of them is written.
public struct Tensor: @unchecked Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  private var storage: TensorStorage
  /// Its place on the tape that tracks it.
  var node: TapeNode?

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

  /// The same elements as a constant to every tape.
  public var detached: Tensor {
    var tensor = self
    tensor.node = nil
    return tensor
  }

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
    precondition(node == nil, "a recorded tensor is not written")
    if !isKnownUniquelyReferenced(&storage) {
      let copy = TensorStorage(count: count)
      copy.base.update(from: storage.base, count: count)
      storage = copy
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
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
  func copy(_ source: UnsafeBufferPointer<Float>, at offset: Int = 0) {
    guard let from = source.baseAddress, let to = baseAddress else { return }
    (to + offset).update(from: from, count: source.count)
  }
}
