import TacitCheckpoint
import TacitTensor

/// A norm over the width of the residual stream.
enum Norm: Sendable {
  /// Divides by the root mean square.
  case rootMeanSquare(WeightVector, epsilon: Float)
  /// Shifts to mean 0 and scales to variance 1.
  case layer(WeightVector, bias: WeightVector, epsilon: Float)

  /// Opens `NAME.weight`.
  static func rootMeanSquare(
    _ weights: some WeightSource, _ name: String, _ configuration: ModelConfiguration
  ) throws(CheckpointError) -> Norm {
    .rootMeanSquare(
      try weights.vector(name + ".weight", count: configuration.hiddenSize),
      epsilon: configuration.normEpsilon)
  }

  /// Opens `NAME.weight` and `NAME.bias`.
  static func layer(
    _ weights: some WeightSource, _ name: String, _ configuration: ModelConfiguration
  ) throws(CheckpointError) -> Norm {
    .layer(
      try weights.vector(name + ".weight", count: configuration.hiddenSize),
      bias: try weights.vector(name + ".bias", count: configuration.hiddenSize),
      epsilon: configuration.normEpsilon)
  }

  /// [T, D] to [T, D].
  func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .rootMeanSquare(let gain, let epsilon): input.rmsNormalized(gain, epsilon: epsilon)
    case .layer(let gain, let bias, let epsilon):
      input.layerNormalized(gain, bias: bias, epsilon: epsilon)
    }
  }
}
