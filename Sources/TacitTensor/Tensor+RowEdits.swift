// Changes of single rows: values in, values out, and on a tape the way back.

/// A change of one row of a tensor.
public struct RowEdit: Sendable {
  /// What happens to the row x, of as many components as the tensor has columns.
  public enum Change: Sendable {
    /// x · factors, component by component.
    case multiplied([Float])
    /// x + strength · vector.
    case added([Float], strength: Float)
    /// ‖x‖ · (x/‖x‖ + strength · v/‖v‖), normalised: the norm of x is kept.
    case turned([Float], strength: Float)
  }

  /// The row.
  public var row: Int
  /// What happens to it.
  public var change: Change

  /// Describes a change.
  public init(row: Int, _ change: Change) {
    self.row = row
    self.change = change
  }
}

extension Tensor {
  /// A copy with changed rows; several changes of one row follow one another.
  ///
  /// Norms are summed in Float64, and a norm of 0 counts as 1e-12, as in PyTorch's `normalize`.
  public func edited(_ edits: [RowEdit]) -> Tensor {
    guard !edits.isEmpty else { return self }
    let tape = Tape.following(node)
    // On a tape each change sees the row that it was made of.
    var sources: [[Float]] = []
    var result = detached
    let columns = columns
    result.withUnsafeMutableBufferPointer { memory in
      for edit in edits {
        precondition((0..<rows).contains(edit.row), "row out of range")
        let row = UnsafeMutableBufferPointer(
          rebasing: memory[edit.row * columns..<(edit.row + 1) * columns])
        if tape != nil { sources.append(Array(row)) }
        edit.change.apply(to: row)
      }
    }
    guard let tape else { return result }
    return tape.record(result) { [node] dy in
      var gradient = dy
      gradient.withUnsafeMutableBufferPointer { memory in
        for (edit, source) in zip(edits, sources).reversed() {
          let row = UnsafeMutableBufferPointer(
            rebasing: memory[edit.row * columns..<(edit.row + 1) * columns])
          edit.change.goBack(row, from: source)
        }
      }
      node?.add(gradient)
    }
  }
}

extension RowEdit.Change {
  private static let leastNorm = 1e-12

  fileprivate func apply(to row: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .multiplied(let factors):
      precondition(factors.count == row.count, "a factor for each component")
      for index in row.indices { row[index] *= factors[index] }
    case .added(let vector, let strength):
      precondition(vector.count == row.count, "a vector as wide as the row")
      for index in row.indices { row[index] += strength * vector[index] }
    case .turned(let vector, let strength):
      precondition(vector.count == row.count, "a vector as wide as the row")
      guard strength != 0 else { return }
      let turn = Turn(row, vector, strength)
      for index in row.indices { row[index] = Float(turn.norm * turn.sum[index] / turn.sumNorm) }
    }
  }

  /// Replaces the gradient with respect to the changed row by that with respect to `source`.
  fileprivate func goBack(_ gradient: UnsafeMutableBufferPointer<Float>, from source: [Float]) {
    switch self {
    case .multiplied(let factors):
      for index in gradient.indices { gradient[index] *= factors[index] }
    case .added: break
    case .turned(let vector, let strength):
      guard strength != 0 else { return }
      let turn = Turn(source, vector, strength)
      turn.goBack(gradient, from: source)
    }
  }

  /// y = r · u/m with r = ‖x‖, u = x/r + strength · v/‖v‖, m = ‖u‖, in Float64.
  private struct Turn {
    let norm, sumNorm: Double
    let sum: [Double]

    init(_ row: some Collection<Float>, _ vector: [Float], _ strength: Float) {
      func norm(_ numbers: some Sequence<Double>) -> Double {
        max(numbers.reduce(0) { $0 + $1 * $1 }.squareRoot(), leastNorm)
      }
      let rowNorm = norm(row.lazy.map(Double.init))
      let scale = Double(strength) / norm(vector.lazy.map(Double.init))
      let sum = zip(row, vector).map { Double($0) / rowNorm + scale * Double($1) }
      self.norm = rowNorm
      self.sum = sum
      sumNorm = norm(sum)
    }

    func goBack(_ gradient: UnsafeMutableBufferPointer<Float>, from row: [Float]) {
      let unit = row.map { Double($0) / norm }
      let along = zip(gradient, sum).reduce(0) { $0 + Double($1.0) * $1.1 }
      let toSum = gradient.indices.map {
        norm * (Double(gradient[$0]) / sumNorm - sum[$0] * along / (sumNorm * sumNorm * sumNorm))
      }
      let across = zip(toSum, unit).reduce(0) { $0 + $1.0 * $1.1 }
      for index in gradient.indices {
        gradient[index] = Float(
          (toSum[index] - unit[index] * across) / norm + unit[index] * along / sumNorm)
      }
    }
  }
}
