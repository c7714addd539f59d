import TacitCheckpoint
import TacitFault
import TacitTensor

/// The trained map from states to the next pass's rows: linear, GELU, linear, layer norm.
///
/// Source: PCCoT, arXiv:2506.18582, as the authors' code builds `prj`: exact GELU, biases, ε 1e-5.
struct PCCoTProjection: Sendable {
  private let first: WeightMatrix
  private let firstBias: WeightVector
  private let second: WeightMatrix
  private let secondBias: WeightVector
  private let gain: WeightVector
  private let bias: WeightVector

  /// Opens `prj.0`, `prj.2` and `prj.3`, each with `weight` and `bias`.
  /// - Throws: `Fault` for tensors that are missing or of another width than D.
  init(_ weights: some WeightSource, width: Int) throws(Fault) {
    first = try weights.matrix(
      "prj.0.weight", outputs: width, inputs: width, layout: .outputMajor)
    firstBias = try weights.vector("prj.0.bias", count: width)
    second = try weights.matrix(
      "prj.2.weight", outputs: width, inputs: width, layout: .outputMajor)
    secondBias = try weights.vector("prj.2.bias", count: width)
    gain = try weights.vector("prj.3.weight", count: width)
    bias = try weights.vector("prj.3.bias", count: width)
  }

  /// [K, D] to [K, D].
  func callAsFunction(_ states: Tensor) -> Tensor {
    states.linear(first, bias: firstBias).gelu(.erf).linear(second, bias: secondBias)
      .layerNormalized(gain, bias: bias, epsilon: 1e-5)
  }
}
