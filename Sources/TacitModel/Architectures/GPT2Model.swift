import TacitCheckpoint
import TacitTensor

/// GPT-2: layer norms, learned positions, one projection for query, key and value.
struct GPT2Model: LanguageModel {
  let configuration: ModelConfiguration
  private let embedding: WeightMatrix
  private let positionEmbedding: WeightMatrix
  private let head: WeightMatrix
  private let finalNorm: LayerNorm
  private let layers: [Layer]

  /// Opens the weights under the names of the library ("transformer.wte.weight") or of the files
  /// on the Hub, which lack the prefix.
  init(
    _ weights: some WeightSource, _ configuration: ModelConfiguration
  ) throws(CheckpointError) {
    self.configuration = configuration
    let prefix = weights.contains("transformer.wte.weight") ? "transformer." : ""
    let width = configuration.hiddenSize
    embedding = try weights.matrix(
      prefix + "wte.weight", outputs: configuration.vocabularySize, inputs: width)
    positionEmbedding = try weights.matrix(
      prefix + "wpe.weight", outputs: configuration.maximumPositions, inputs: width)
    head =
      configuration.tiesEmbeddings
      ? embedding
      : try weights.matrix(
        "lm_head.weight", outputs: configuration.vocabularySize, inputs: width)
    finalNorm = try LayerNorm(weights, prefix + "ln_f", configuration)
    var layers: [Layer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try Layer(weights, configuration, prefix: prefix, index: index))
    }
    self.layers = layers
  }

  func embed(_ tokenIDs: [Int32]) -> Tensor { embedding.gathered(rows: tokenIDs) }

  func mix(_ weights: Tensor) -> Tensor { weights.linear(embedding.transposed) }

  func headRows(_ tokenIDs: [Int32]) -> Tensor { head.gathered(rows: tokenIDs) }

  func forward(
    _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory, layers wanted: Set<Int>
  ) -> ModelOutput {
    var states = input.adding(positionEmbedding.gathered(rows: positions))  // [T, D]
    var taps: [Int: Tensor] = [:]
    if wanted.contains(0) { taps[0] = memory.rows(of: states, in: .wantedTail) }
    for (index, layer) in layers.enumerated() {
      let isLast = index == layers.count - 1
      states = layer.forward(states, memory: &memory, subset: isLast ? .wantedTail : .all)
      if wanted.contains(index + 1) {
        taps[index + 1] = isLast ? states : memory.rows(of: states, in: .wantedTail)
      }
    }
    return ModelOutput(residual: states, layers: taps)
  }

  func normalize(_ residual: Tensor) -> Tensor { finalNorm(residual) }

  func project(_ hidden: Tensor) -> Tensor { hidden.linear(head) }
}

extension GPT2Model {
  private struct LayerNorm {
    private let gain, bias: WeightVector
    private let epsilon: Float

    init(
      _ weights: some WeightSource, _ name: String, _ configuration: ModelConfiguration
    ) throws(CheckpointError) {
      gain = try weights.vector(name + ".weight", count: configuration.hiddenSize)
      bias = try weights.vector(name + ".bias", count: configuration.hiddenSize)
      epsilon = configuration.normEpsilon
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
      input.layerNormalized(gain, bias: bias, epsilon: epsilon)
    }
  }

  /// A class, so that the loop over layers holds one reference and not those of all weights.
  private final class Layer: Sendable {
    private let index: Int
    private let configuration: ModelConfiguration
    private let attentionNorm, feedForwardNorm: LayerNorm
    private let queryKeyValue, output, expand, contract: Projection

    init(
      _ weights: some WeightSource, _ configuration: ModelConfiguration, prefix: String, index: Int
    ) throws(CheckpointError) {
      self.index = index
      self.configuration = configuration
      let name = prefix + "h.\(index)."
      let width = configuration.hiddenSize
      func projection(
        _ part: String, _ outputs: Int, _ inputs: Int
      ) throws(CheckpointError) -> Projection {
        // Conv1D of GPT-2 stores [inputs, outputs].
        try Projection(
          weights, name + part, outputs: outputs, inputs: inputs, hasBias: true,
          layout: .inputMajor)
      }
      attentionNorm = try LayerNorm(weights, name + "ln_1", configuration)
      queryKeyValue = try projection("attn.c_attn", 3 * width, width)
      output = try projection("attn.c_proj", width, width)
      feedForwardNorm = try LayerNorm(weights, name + "ln_2", configuration)
      expand = try projection("mlp.c_fc", configuration.intermediateSize, width)
      contract = try projection("mlp.c_proj", width, configuration.intermediateSize)
    }

    func forward(
      _ input: Tensor, memory: inout some AttentionMemory, subset: RowSubset
    ) -> Tensor {
      let width = configuration.hiddenSize
      let joint = queryKeyValue(attentionNorm(input))  // [T, 3·D]
      let attended = memory.attend(
        layer: index, query: memory.rows(of: joint.slice(columns: 0..<width), in: subset),
        key: joint.slice(columns: width..<2 * width),
        value: joint.slice(columns: 2 * width..<3 * width),
        subset: subset, window: nil)
      let middle = memory.rows(of: input, in: subset).adding(output(attended))
      return middle.adding(contract(activated(expand(feedForwardNorm(middle)))))
    }

    private func activated(_ input: Tensor) -> Tensor {
      switch configuration.activation {
      case .geluTanh: input.gelu(.tanh)
      case .gelu: input.gelu(.erf)
      case .relu: input.relu()
      case .silu: preconditionFailure("GPT-2 has no gated block")
      }
    }
  }
}
