import TacitCheckpoint
import TacitFault
import TacitTensor

/// A norm over the width of the residual stream.
struct Norm: Sendable {
  private let gain: WeightVector
  private let bias: WeightVector?
  private let epsilon: Float
  /// Whether rows are shifted to mean 0 before they are scaled.
  private let centers: Bool

  /// Divides by the root mean square; opens `NAME.weight`.
  static func rootMeanSquare(
    _ weights: some WeightSource, _ name: String, _ configuration: ModelConfiguration
  ) throws(Fault) -> Norm {
    Norm(
      gain: try weights.vector(name + ".weight", count: configuration.hiddenSize), bias: nil,
      epsilon: configuration.normEpsilon, centers: false)
  }

  /// Shifts to mean 0 and scales to variance 1; opens `NAME.weight` and `NAME.bias`.
  static func layer(
    _ weights: some WeightSource, _ name: String, _ configuration: ModelConfiguration
  ) throws(Fault) -> Norm {
    Norm(
      gain: try weights.vector(name + ".weight", count: configuration.hiddenSize),
      bias: try weights.vector(name + ".bias", count: configuration.hiddenSize),
      epsilon: configuration.normEpsilon, centers: true)
  }

  /// [T, D] to [T, D].
  func callAsFunction(_ input: Tensor) -> Tensor {
    centers
      ? input.layerNormalized(gain, bias: bias, epsilon: epsilon)
      : input.rmsNormalized(gain, epsilon: epsilon)
  }
}
