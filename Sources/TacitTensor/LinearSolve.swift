internal import COpenBLAS

/// The matrix Aᵀ B of two tall matrices, accumulated in Float64 block by block.
///
/// With B = A it is a Gram matrix: what least squares over more rows than fit in memory needs.
public struct GramMatrix: Sendable, Equatable {
  /// Columns of A.
  public let rows: Int
  /// Columns of B.
  public let columns: Int
  /// All elements, row after row.
  public private(set) var values: [Double]

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix' shape cannot be negative")
    self.rows = rows
    self.columns = columns
    values = [Double](repeating: 0, count: rows * columns)
  }

  /// Adds the product of one block of rows: Aᵀ B for A [T, rows] and B [T, columns].
  ///
  /// Tiles are fixed by the shape, so the thread count changes no bit.
  public mutating func add(_ a: Tensor, _ b: Tensor) {
    precondition(a.columns == rows && b.columns == columns, "blocks must fit the matrix")
    precondition(a.rows == b.rows, "blocks must have as many rows")
    guard a.rows > 0, rows > 0, columns > 0 else { return }
    _ = oneBLASThread
    let left = a.values.map(Double.init)
    let right = b.values.map(Double.init)
    let tile = 64
    let (depth, rows, columns) = (a.rows, rows, columns)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        values.withUnsafeMutableBufferPointer { sums in
          guard let a0 = left.baseAddress, let b0 = right.baseAddress, let y = sums.baseAddress
          else { return }
          Threads.forEach((rows + tile - 1) / tile) { range in
            for index in range {
              let start = index * tile
              cblas_dgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, blasint(min(tile, rows - start)),
                blasint(columns), blasint(depth), 1, a0 + start, blasint(rows), b0,
                blasint(columns), 1, y + start * columns, blasint(columns))
            }
          }
        }
      }
    }
  }

  /// The sum of the diagonal.
  public var trace: Double {
    (0..<min(rows, columns)).reduce(0) { $0 + values[$1 * columns + $1] }
  }

  /// Solves (self + ridge · I) X = right in Float64, by Cholesky factorisation.
  ///
  /// The matrix must be symmetric; only its upper half is read.
  /// - Returns: X, [rows, right.columns], rounded to Float32; nil when self + ridge · I is not
  ///   positive definite or an element is not finite.
  public func solve(_ right: GramMatrix, ridge: Double = 0) -> Tensor? {
    precondition(rows == columns, "the matrix must be square")
    precondition(right.rows == rows, "the right side must have as many rows as the matrix")
    let (size, width) = (rows, right.columns)
    guard size > 0, width > 0 else { return Tensor(zeros: size, columns: width) }
    var factor = values
    for index in 0..<size { factor[index * size + index] += ridge }
    // LAPACK stores columns one after another: the upper half is its lower one.
    var solution = (0..<width).flatMap { column in
      (0..<size).map { right.values[$0 * width + column] }
    }
    guard factor.allSatisfy(\.isFinite), solution.allSatisfy(\.isFinite) else { return nil }
    _ = oneBLASThread
    var (order, count, information) = (blasint(size), blasint(width), blasint(0))
    dposv_("L", &order, &count, &factor, &order, &solution, &order, &information, 1)
    guard information == 0 else { return nil }
    return Tensor(rows: size, columns: width) { memory in
      for row in 0..<size {
        for column in 0..<width {
          memory[row * width + column] = Float(solution[column * size + row])
        }
      }
    }
  }
}

/// Pins OpenBLAS to the calling thread; the worker pool shares its work instead.
private let oneBLASThread: Void = openblas_set_num_threads(1)
