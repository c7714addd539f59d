import TacitCheckpoint
import TacitFault
import TacitTensor

/// A linear layer: y = x Wᵀ + b.
struct Projection: Sendable {
  private let weight: WeightMatrix
  private let bias: WeightVector?

  /// Opens `NAME.weight` and, if it has one, `NAME.bias`.
  init(
    _ weights: some WeightSource, _ name: String, outputs: Int, inputs: Int, hasBias: Bool,
    layout: WeightMatrix.Layout = .outputMajor
  ) throws(Fault) {
    weight = try weights.matrix(
      name + ".weight", outputs: outputs, inputs: inputs, layout: layout)
    bias = hasBias ? try weights.vector(name + ".bias", count: outputs) : nil
  }

  /// [T, inputs] to [T, outputs].
  func callAsFunction(_ input: Tensor) -> Tensor { input.linear(weight, bias: bias) }
}
