internal import CKernels

// Operations of a transformer: values in, values out, and on a tape the way back. Each row of a
// result has the same bits whatever the other rows, the thread count and the instruction set.

/// How the Gaussian error linear unit is computed.
public enum GELUApproximation: Sendable {
  /// Exactly, through the error function.
  case erf
  /// Through the hyperbolic tangent (`gelu_new`, `gelu_pytorch_tanh`).
  case tanh
}

extension Tensor {
  /// A linear layer: x Wᵀ + bias, accumulated in Float32.
  ///
  /// - Returns: [T, outputs] for an input of [T, inputs].
  public func linear(_ weight: WeightMatrix, bias: WeightVector? = nil) -> Tensor {
    precondition(columns == weight.inputs, "the input must have as many columns as the weight")
    precondition(bias.map { $0.count == weight.outputs } ?? true, "the bias must fit the outputs")
    let result = mapped(columns: weight.outputs) { y, x in
      if let bias {
        bias.withBase { weight.multiply(y, x, rows: rows, bias: $0) }
      } else {
        weight.multiply(y, x, rows: rows, bias: nil)
      }
    }
    guard node != nil || weight.parameter != nil || bias?.parameter != nil,
      let tape = Tape.following(node, [weight.parameter, bias?.parameter])
    else { return result }
    let weightSums = tape.gradient(of: weight.parameter)
    let biasSums = tape.gradient(of: bias?.parameter)
    return tape.record(result) { [self] dy in
      node?.add(dy.linear(weight.transposed))
      if weight.layout == .outputMajor {
        weightSums?.addProduct(dy, self)
      } else {
        weightSums?.addProduct(self, dy)
      }
      biasSums?.addSum(ofRows: dy)
    }
  }

  /// Divides by the root mean square of each group of columns and multiplies by `gain`.
  ///
  /// A group is the whole row unless `groupSize` says otherwise; `gain` has its size.
  public func rmsNormalized(
    _ gain: WeightVector, epsilon: Float, groupSize: Int? = nil
  ) -> Tensor {
    let group = groupSize ?? columns
    precondition(gain.count == group, "the gain must have one element for each column of a group")
    precondition(group > 0 && columns % group == 0, "groups must divide the columns")
    let result = mapped { y, x in
      gain.withBase { tacit_rmsnorm(y, x, $0, epsilon, rows, columns, group) }
    }
    return recordNorm(result, gain, bias: nil, epsilon: epsilon, group: group, centers: false)
  }

  /// Shifts each row to mean 0, scales it to variance 1, and applies `gain` and `bias`.
  public func layerNormalized(
    _ gain: WeightVector, bias: WeightVector? = nil, epsilon: Float
  ) -> Tensor {
    precondition(gain.count == columns, "the gain must have one element for each column")
    precondition(bias.map { $0.count == columns } ?? true, "the bias must fit the columns")
    let result = mapped { y, x in
      gain.withBase { gain in
        if let bias {
          bias.withBase { tacit_layernorm(y, x, gain, $0, epsilon, rows, columns) }
        } else {
          tacit_layernorm(y, x, gain, nil, epsilon, rows, columns)
        }
      }
    }
    return recordNorm(result, gain, bias: bias, epsilon: epsilon, group: columns, centers: true)
  }

  private func recordNorm(
    _ result: Tensor, _ gain: WeightVector, bias: WeightVector?, epsilon: Float, group: Int,
    centers: Bool
  ) -> Tensor {
    guard node != nil || gain.parameter != nil || bias?.parameter != nil,
      let tape = Tape.following(node, [gain.parameter, bias?.parameter])
    else { return result }
    let gainSums = tape.gradient(of: gain.parameter)
    let biasSums = tape.gradient(of: bias?.parameter)
    return tape.record(result) { [self] dy in
      let groups = count / group
      var products = Tensor(zeros: groups, columns: group)
      let gradient = mapped { dx, x in
        products.withUnsafeMutableBufferPointer { products in
          guard let products = products.baseAddress else { return }
          dy.withBase { dy in
            gain.withBase {
              tacit_norm_gradient(dx, products, dy, x, $0, epsilon, groups, group, centers)
            }
          }
        }
      }
      node?.add(gradient)
      gainSums?.addSum(ofRows: products)
      biasSums?.addSum(ofRows: dy)
    }
  }

  /// Rotates every head of `headSize` columns by the angles of its row.
  ///
  /// The tensor is [T, H·E]. Pairs are (i, i + half), the half-split convention of Hugging Face.
  public func rotated(by angles: RotaryAngles, headSize: Int) -> Tensor {
    let half = angles.cosines.columns
    precondition(angles.cosines.rows == rows, "each row needs its angles")
    precondition(headSize > 0 && columns % headSize == 0, "heads must divide the columns")
    precondition(2 * half <= headSize, "a head must hold all rotated pairs")
    let result = mapped { y, x in
      angles.cosines.withBase { cosines in
        angles.sines.withBase { sines in
          tacit_rotary(y, x, cosines, sines, rows, columns, headSize, half)
        }
      }
    }
    guard let tape = Tape.following(node) else { return result }
    return tape.record(result) { [node] dy in
      node?.add(dy.rotated(by: angles.reversed, headSize: headSize))
    }
  }

  /// Rotates every head by the angles of its row's position.
  public func rotated(positions: [Int32], table: RotaryTable, headSize: Int) -> Tensor {
    rotated(by: table.angles(at: positions), headSize: headSize)
  }

  /// silu(gate) · up, element by element.
  public static func swiGLU(gate: Tensor, up: Tensor) -> Tensor {
    precondition(gate.hasShape(of: up), "gate and up must have the same shape")
    let result = gate.mapped { y, gateBase in
      up.withBase { upBase in tacit_swiglu(y, gateBase, upBase, gate.count) }
    }
    guard let tape = Tape.following(gate.node, up.node) else { return result }
    return tape.record(result) { dy in
      var upGradient = Tensor(zeros: 0, columns: 0)
      let gateGradient = gate.mapped { dgate, gateBase in
        upGradient = up.mapped { dup, upBase in
          dy.withBase { tacit_swiglu_gradient(dgate, dup, $0, gateBase, upBase, gate.count) }
        }
      }
      gate.node?.add(gateGradient)
      up.node?.add(upGradient)
    }
  }

  /// The Gaussian error linear unit.
  public func gelu(_ approximation: GELUApproximation) -> Tensor {
    applying(approximation == .erf ? TACIT_GELU_ERF : TACIT_GELU_TANH)
  }

  /// max(x, 0), with NaN kept; its derivative at 0 is 0.
  public func relu() -> Tensor { applying(TACIT_RELU) }

  /// x · sigmoid(x).
  public func silu() -> Tensor { applying(TACIT_SILU) }

  /// e to the power of each element.
  public func exponential() -> Tensor { applying(TACIT_EXP) }

  private func applying(_ function: tacit_map) -> Tensor {
    let result = mapped { y, x in tacit_map_elements(y, x, count, function) }
    guard let tape = Tape.following(node) else { return result }
    return tape.record(result) { [self] dy in
      node?.add(
        mapped { dx, x in dy.withBase { tacit_map_gradient(dx, $0, x, count, function) } })
    }
  }

  /// self + scale · other.
  public func adding(_ other: Tensor, scale: Float = 1) -> Tensor {
    precondition(hasShape(of: other), "tensors must have the same shape")
    let result = mapped { y, x in other.withBase { tacit_add(y, x, $0, scale, count) } }
    guard let tape = Tape.following(node, other.node) else { return result }
    return tape.record(result) { [node] dy in
      node?.add(dy)
      other.node?.add(dy, scale: scale)
    }
  }

  /// Adds scale · other in place.
  mutating func add(_ other: Tensor, scale: Float = 1) {
    precondition(hasShape(of: other), "tensors must have the same shape")
    let count = count
    withUnsafeMutableBufferPointer { memory in
      guard let y = memory.baseAddress else { return }
      other.withBase { tacit_add(y, y, $0, scale, count) }
    }
  }

  /// Each element times `factor`; of constants only.
  func scaled(by factor: Float) -> Tensor {
    mapped { y, x in for index in 0..<count { y[index] = factor * x[index] } }
  }

  func hasShape(of other: Tensor) -> Bool { rows == other.rows && columns == other.columns }

  /// A tensor of as many rows, filled by `body` unless it is empty.
  func mapped(
    columns: Int? = nil,
    _ body: (_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>) -> Void
  ) -> Tensor {
    Tensor(rows: rows, columns: columns ?? self.columns) { memory in
      guard let y = memory.baseAddress, memory.count > 0 else { return }
      withBase { body(y, $0) }
    }
  }

  /// Calls `body` with the address of the first element.
  func withBase<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }
}
