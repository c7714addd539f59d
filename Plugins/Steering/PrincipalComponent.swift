/// The first principal component of a few long rows, in Float64.
///
/// Found by power iteration on the rows' Gram matrix, whose size is the number of rows.
struct PrincipalComponent {
  /// Mean of the rows.
  let mean: [Double]
  /// Unit vector, its largest element positive.
  let direction: [Double]
  /// Share of the variance that it explains.
  let explainedVariance: Double

  private static let mostIterations = 10_000
  private static let tolerance = 1e-15

  init(_ rows: [[Float]]) {
    let count = Double(rows.count)
    let mean = rows[0].indices.map { index in
      rows.reduce(0.0) { $0 + Double($1[index]) } / count
    }
    let centred = rows.map { row in zip(row, mean).map { Double($0) - $1 } }
    let gram = centred.map { a in
      centred.map { b in zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 } }
    }
    let (weights, largest) = Self.eigenvector(gram)
    var direction = mean.indices.map { index in
      zip(weights, centred).reduce(0.0) { $0 + $1.0 * $1.1[index] }
    }
    let norm = direction.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    let top = direction.max { abs($0) < abs($1) } ?? 0
    if norm > 0 { direction = direction.map { $0 / (top < 0 ? -norm : norm) } }
    let total = gram.indices.reduce(0.0) { $0 + gram[$1][$1] }
    self.mean = mean
    self.direction = direction
    explainedVariance = total > 0 ? largest / total : 0
  }

  /// The eigenvector of the largest eigenvalue of a matrix without negative ones.
  private static func eigenvector(_ matrix: [[Double]]) -> (vector: [Double], value: Double) {
    // No eigenvector is likely to be orthogonal to numbers of different sizes.
    var vector = matrix.indices.map { 1 + Double($0) / 7 }
    var value = 0.0
    for _ in 0..<mostIterations {
      let product = matrix.map { row in zip(row, vector).reduce(0.0) { $0 + $1.0 * $1.1 } }
      let norm = product.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 0 else { break }
      let next = product.map { $0 / norm }
      let change = zip(next, vector).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      (vector, value) = (next, norm)
      if change < tolerance * tolerance * Double(matrix.count) { break }
    }
    return (vector, value)
  }
}
