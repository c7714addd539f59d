internal import CKernels

/// Weights that may be changed between passes; Float32, as the tape and an optimiser need them.
///
/// Matrices and vectors of a model read it in place. Nobody reads it while it is written.
public final class Parameter: @unchecked Sendable {
  /// The name in a checkpoint.
  public let name: String
  /// Its dimensions in memory, outermost first: one or two.
  public let shape: [Int]
  let storage: TensorStorage

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Copies `values`, given in the order of memory.
  public init(_ name: String, shape: [Int], values: [Float]) {
    precondition((1...2).contains(shape.count), "a parameter is a vector or a matrix")
    precondition(values.count == shape.reduce(1, *), "the number of values must fit the shape")
    self.name = name
    self.shape = shape
    storage = TensorStorage(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { storage.base.update(from: first, count: source.count) }
    }
  }

  /// All elements, in the order of memory.
  public var values: [Float] { withUnsafeMutableBufferPointer { Array($0) } }

  /// Calls `body` with all elements for reading and writing in place.
  public func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
    }
  }
}

/// Sums of gradients of some parameters, kept from pass to pass.
public final class ParameterGradients: @unchecked Sendable {
  /// The parameters, in order.
  public let parameters: [Parameter]
  private let indices: [ObjectIdentifier: Int]
  private let storages: [TensorStorage]

  /// Zeros for `parameters`, which must differ.
  public init(_ parameters: [Parameter]) {
    self.parameters = parameters
    indices = Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map { (ObjectIdentifier($1), $0) })
    storages = parameters.map { TensorStorage(count: $0.count) }
    reset()
  }

  /// Makes all gradients zero.
  public func reset() {
    for (parameter, storage) in zip(parameters, storages) {
      storage.base.update(repeating: 0, count: parameter.count)
    }
  }

  /// Adds the gradients of the same parameters that another tape found.
  public func add(_ other: ParameterGradients) {
    precondition(
      parameters.elementsEqual(other.parameters) { $0 === $1 }, "the parameters must be the same")
    for (index, parameter) in parameters.enumerated() {
      let sums = storages[index].base
      tacit_add(sums, sums, other.storages[index].base, 1, parameter.count)
    }
  }

  /// Calls `body` with the gradient of parameter `index` for reading and writing in place.
  public func withUnsafeMutableBufferPointer<Result>(
    at index: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(
        UnsafeMutableBufferPointer(start: storages[index].base, count: parameters[index].count))
    }
  }

  subscript(parameter: Parameter) -> GradientMemory? {
    indices[ObjectIdentifier(parameter)].map {
      GradientMemory(base: storages[$0].base, columns: parameter.shape.last ?? 1)
    }
  }
}

/// Where a gradient [rows, columns] is added up; whoever hands it out keeps it alive.
struct GradientMemory {
  let base: UnsafeMutablePointer<Float>
  let columns: Int

  /// Adds aᵀ · b.
  func addProduct(_ a: Tensor, _ b: Tensor) {
    precondition(a.rows == b.rows && b.columns == columns, "factors must fit the gradient")
    a.withBase { a0 in
      b.withBase { tacit_add_product(base, a0, $0, a.rows, a.columns, columns) }
    }
  }

  /// Adds the sum of all rows.
  func addSum(ofRows x: Tensor) {
    precondition(x.columns == columns, "rows must fit the gradient")
    x.withBase { tacit_add_column_sums(base, $0, x.rows, columns) }
  }

  /// Adds row m of `x` to row `indices[m]`.
  func scatter(_ x: Tensor, to indices: [Int32]) {
    precondition(x.columns == columns && x.rows == indices.count, "rows must fit the gradient")
    x.withBase { tacit_scatter_add(base, indices, $0, x.rows, columns) }
  }
}
