internal import CKernels

// Losses: one number for each row, then their weighted sum.

extension Tensor {
  /// The cross-entropy of each row of logits with its class: log Σ exp x - x[class], [T, 1].
  public func crossEntropy(_ classes: [Int32]) -> Tensor {
    precondition(classes.count == rows, "each row needs its class")
    precondition(classes.allSatisfy { $0 >= 0 && $0 < columns }, "class out of range")
    return crossEntropy { body in
      classes.withUnsafeBufferPointer {
        body(tacit_targets(classes: $0.baseAddress, weights: nil))
      }
    }
  }

  /// The cross-entropy of each row of logits with a row of constant weights q, [T, 1].
  ///
  /// It is Σ q (log Σ exp x - x); the weights usually sum to 1.
  public func crossEntropy(_ weights: Tensor) -> Tensor {
    precondition(hasShape(of: weights), "each logit needs its weight")
    return crossEntropy { body in
      weights.withBase { body(tacit_targets(classes: nil, weights: $0)) }
    }
  }

  private func crossEntropy(
    _ withTargets: @escaping ((tacit_targets) -> Void) -> Void
  ) -> Tensor {
    let losses = mapped(columns: 1) { y, x in
      withTargets { tacit_cross_entropy(y, x, $0, rows, columns) }
    }
    guard let tape = Tape.following(node) else { return losses }
    return tape.record(losses) { [self] dy in
      let gradient = mapped { dx, x in
        dy.withBase { dy in
          withTargets { tacit_cross_entropy_gradient(dx, dy, x, $0, rows, columns) }
        }
      }
      node?.add(gradient)
    }
  }

  /// The mean of the squared differences of each row's elements, [T, 1], summed in Float64.
  public func meanSquaredError(_ other: Tensor) -> Tensor {
    precondition(hasShape(of: other) && columns > 0, "tensors must have the same shape")
    let difference = detached.adding(other.detached, scale: -1)
    let errors = Tensor(rows: rows, columns: 1) { memory in
      for row in 0..<rows {
        let sum = difference.withUnsafeRow(row) { $0.reduce(0) { $0 + Double($1) * Double($1) } }
        memory[row] = Float(sum / Double(columns))
      }
    }
    guard let tape = Tape.following(node, other.node) else { return errors }
    return tape.record(errors) { [self] dy in
      let factors = dy.scaled(by: 2 / Float(columns)).values
      let gradient = difference.scaled(rows: factors)
      node?.add(gradient)
      other.node?.add(gradient, scale: -1)
    }
  }

  /// The sum of all rows of one column, weighted: [T, 1] to [1, 1], summed in Float64.
  public func weightedSum(_ weights: [Float]) -> Tensor {
    precondition(columns == 1 && weights.count == rows, "each row needs its weight")
    let sum = zip(values, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    let result = Tensor([[Float(sum)]])
    guard let tape = Tape.following(node) else { return result }
    return tape.record(result) { [node] dy in
      node?.add(Tensor(rows: weights.count, columns: 1, values: weights).scaled(by: dy[0][0]))
    }
  }

  /// Each row times its factor.
  private func scaled(rows factors: [Float]) -> Tensor {
    Tensor(rows: rows, columns: columns) { memory in
      withUnsafeBufferPointer { source in
        for index in 0..<count { memory[index] = source[index] * factors[index / columns] }
      }
    }
  }
}
