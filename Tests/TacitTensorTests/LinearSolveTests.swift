import Testing

@testable import TacitTensor

extension KernelTests {
  struct LinearSolveTests {
    static func gram(_ a: Tensor, _ b: Tensor, block: Int) -> GramMatrix {
      var sum = GramMatrix(rows: a.columns, columns: b.columns)
      for start in stride(from: 0, to: a.rows, by: block) {
        let rows = start..<min(start + block, a.rows)
        sum.add(a.slice(rows: rows), b.slice(rows: rows))
      }
      return sum
    }

    /// 4x + 2y = 10, 2x + 5y = 13 at (1.5, 2); with a ridge of 1, 5x + 2y = 13 = 2x + 6y at (2, 1.5).
    @Test func knownSystem() throws {
      let a = Tensor([[2, 1], [0, 2]])
      var matrix = GramMatrix(rows: 2, columns: 2)
      matrix.add(a, a)
      #expect(matrix.values == [4, 2, 2, 5])
      #expect(matrix.trace == 9)
      var right = GramMatrix(rows: 2, columns: 1)
      right.add(Tensor([[10, 13]]), Tensor([[1]]))
      let solution = try #require(matrix.solve(right))
      #expect(abs(solution.values[0] - 1.5) < 1e-6 && abs(solution.values[1] - 2) < 1e-6)
      var other = GramMatrix(rows: 2, columns: 1)
      other.add(Tensor([[13, 13]]), Tensor([[1]]))
      let ridged = try #require(matrix.solve(other, ridge: 1))
      #expect(abs(ridged.values[0] - 2) < 1e-6 && abs(ridged.values[1] - 1.5) < 1e-6)
    }

    /// Sums over blocks are those over all rows in Float64, with the same bits for any threads.
    @Test func accumulatesInFloat64() {
      let (a, b) = (randomTensor(517, 70, seed: 1), randomTensor(517, 33, seed: 2))
      let results = underAllSettings { Self.gram(a, b, block: 100) }
      #expect(results.allSatisfy { $0 == results[0] })
      var worst = 0.0
      for i in 0..<70 {
        for j in 0..<33 {
          let exact = (0..<517).reduce(0.0) { $0 + Double(a[$1][i]) * Double(b[$1][j]) }
          worst = max(worst, abs(exact - results[0].values[i * 33 + j]))
        }
      }
      #expect(worst < 1e-12)
    }

    /// A X equals B up to the rounding of X.
    @Test(arguments: [1, 5, 64, 130]) func residual(size: Int) throws {
      let (a, b) = (randomTensor(300, size, seed: 3), randomTensor(300, 7, seed: 4))
      let (matrix, right) = (Self.gram(a, a, block: 64), Self.gram(a, b, block: 64))
      let ridge = 0.25
      let x = try #require(matrix.solve(right, ridge: ridge))
      #expect(x.rows == size && x.columns == 7)
      let product = (0..<size).flatMap { i in
        (0..<7).map { j in
          (0..<size).reduce(ridge * Double(x[i][j])) {
            $0 + matrix.values[i * size + $1] * Double(x[$1][j])
          }
        }
      }
      #expect(relativeError(product.map(Float.init), right.values) < 1e-5)
    }

    @Test func whatCannotBeSolved() {
      let singular = Self.gram(Tensor([[1, 1], [2, 2]]), Tensor([[1, 1], [2, 2]]), block: 2)
      #expect(singular.solve(singular, ridge: -1) == nil)
      let broken = Self.gram(Tensor([[.nan]]), Tensor([[1]]), block: 1)
      #expect(broken.solve(broken) == nil)
      #expect(GramMatrix(rows: 0, columns: 0).solve(GramMatrix(rows: 0, columns: 3))?.rows == 0)
    }
  }
}
