internal import COpenBLAS

extension Tensor {
  /// The product of two matrices, either of them transposed first, through OpenBLAS.
  ///
  /// For training and factorisations. Tiles are fixed by the shape, so the thread count changes
  /// no bit; unlike `linear`, the number of rows may.
  public static func product(
    _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
  ) -> Tensor {
    let (rows, depth) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (depthB, columns) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(depth == depthB, "inner sizes must agree")
    guard rows > 0, columns > 0, depth > 0 else { return Tensor(zeros: rows, columns: columns) }
    _ = oneBLASThread
    let tall = rows >= columns
    let tile = 256
    return Tensor(rows: rows, columns: columns) { memory in
      guard let y = memory.baseAddress else { return }
      a.withBase { a0 in
        b.withBase { b0 in
          let body = { (range: Range<Int>) in
            for index in range {
              let start = index * tile
              let size = min(tile, (tall ? rows : columns) - start)
              let aStart = tall ? start * (transposeA ? 1 : a.columns) : 0
              let bStart = tall ? 0 : start * (transposeB ? b.columns : 1)
              cblas_sgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans, blasint(tall ? size : rows),
                blasint(tall ? columns : size), blasint(depth), 1, a0 + aStart,
                blasint(a.columns), b0 + bStart, blasint(b.columns), 0,
                y + (tall ? start * columns : start), blasint(columns))
            }
          }
          Threads.forEach(((tall ? rows : columns) + tile - 1) / tile, body)
        }
      }
    }
  }
}

/// Pins OpenBLAS to the calling thread; the worker pool shares its work instead.
let oneBLASThread: Void = openblas_set_num_threads(1)
