import TacitCheckpoint
import TacitTensor

/// The Llama line of decoders: RMS norms, rotary positions, gated feed-forward blocks.
///
/// Llama 2/3, Mistral, Qwen 2/2.5 and Qwen 3 differ in biases, query/key norm, windows and
/// frequency scaling only, all of which the configuration states.
struct RotaryDecoder: LanguageModel {
  let configuration: ModelConfiguration
  private let embedding: WeightMatrix
  private let head: WeightMatrix
  private let finalGain: WeightVector
  private let layers: [Layer]
  private let rotary: RotaryTable

  init(
    _ weights: some WeightSource, _ configuration: ModelConfiguration
  ) throws(CheckpointError) {
    self.configuration = configuration
    let width = configuration.hiddenSize
    embedding = try weights.matrix(
      "model.embed_tokens.weight", outputs: configuration.vocabularySize, inputs: width)
    head =
      configuration.tiesEmbeddings
      ? embedding
      : try weights.matrix(
        "lm_head.weight", outputs: configuration.vocabularySize, inputs: width)
    finalGain = try weights.vector("model.norm.weight", count: width)
    var layers: [Layer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try Layer(weights, configuration, index: index))
    }
    self.layers = layers
    rotary = RotaryTable(
      inverseFrequencies: configuration.rotary?.inverseFrequencies(
        headSize: configuration.headSize) ?? [])
  }

  func embed(_ tokenIDs: [Int32]) -> Tensor { embedding.gathered(rows: tokenIDs) }

  func mix(_ weights: Tensor) -> Tensor { weights.linear(embedding.transposed) }

  func headRows(_ tokenIDs: [Int32]) -> Tensor { head.gathered(rows: tokenIDs) }

  func forward(
    _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory, layers wanted: Set<Int>
  ) -> ModelOutput {
    let angles = rotary.angles(at: positions)
    let tail = memory.positions(positions, in: .wantedTail)
    let tailAngles = tail.count == positions.count ? angles : rotary.angles(at: tail)
    var states = input  // [T, D]
    var taps: [Int: Tensor] = [:]
    if wanted.contains(0) { taps[0] = memory.rows(of: input, in: .wantedTail) }
    for (index, layer) in layers.enumerated() {
      let isLast = index == layers.count - 1
      states = layer.forward(
        states, keyAngles: angles, queryAngles: isLast ? tailAngles : angles, memory: &memory,
        subset: isLast ? .wantedTail : .all)
      if wanted.contains(index + 1) {
        taps[index + 1] = isLast ? states : memory.rows(of: states, in: .wantedTail)
      }
    }
    return ModelOutput(residual: states, layers: taps)
  }

  func normalize(_ residual: Tensor) -> Tensor {
    residual.rmsNormalized(finalGain, epsilon: configuration.normEpsilon)
  }

  func project(_ hidden: Tensor) -> Tensor { hidden.linear(head) }
}

extension RotaryDecoder {
  /// A class, so that the loop over layers holds one reference and not those of all weights.
  private final class Layer: Sendable {
    private let index: Int
    private let configuration: ModelConfiguration
    private let inputGain: WeightVector
    private let query, key, value, output: Projection
    private let queryGain, keyGain: WeightVector?
    private let feedForwardGain: WeightVector
    private let gate, up, down: Projection

    init(
      _ weights: some WeightSource, _ configuration: ModelConfiguration, index: Int
    ) throws(CheckpointError) {
      self.index = index
      self.configuration = configuration
      let name = "model.layers.\(index)."
      let width = configuration.hiddenSize
      let headSize = configuration.headSize
      let queryWidth = configuration.headCount * headSize
      let keyWidth = configuration.keyValueHeadCount * headSize
      let inner = configuration.intermediateSize
      let bias = configuration.hasAttentionBias
      let innerBias = configuration.hasFeedForwardBias
      func projection(
        _ part: String, _ outputs: Int, _ inputs: Int, _ hasBias: Bool
      ) throws(CheckpointError) -> Projection {
        try Projection(
          weights, name + part, outputs: outputs, inputs: inputs, hasBias: hasBias)
      }
      inputGain = try weights.vector(name + "input_layernorm.weight", count: width)
      query = try projection("self_attn.q_proj", queryWidth, width, bias)
      key = try projection("self_attn.k_proj", keyWidth, width, bias)
      value = try projection("self_attn.v_proj", keyWidth, width, bias)
      output = try projection(
        "self_attn.o_proj", width, queryWidth, configuration.hasAttentionOutputBias)
      if configuration.normalizesQueryAndKey {
        queryGain = try weights.vector(name + "self_attn.q_norm.weight", count: headSize)
        keyGain = try weights.vector(name + "self_attn.k_norm.weight", count: headSize)
      } else {
        queryGain = nil
        keyGain = nil
      }
      feedForwardGain = try weights.vector(
        name + "post_attention_layernorm.weight", count: width)
      gate = try projection("mlp.gate_proj", inner, width, innerBias)
      up = try projection("mlp.up_proj", inner, width, innerBias)
      down = try projection("mlp.down_proj", width, inner, innerBias)
    }

    func forward(
      _ input: Tensor, keyAngles: RotaryAngles, queryAngles: RotaryAngles,
      memory: inout some AttentionMemory, subset: RowSubset
    ) -> Tensor {
      let epsilon = configuration.normEpsilon
      let normed = input.rmsNormalized(inputGain, epsilon: epsilon)  // [T, D]
      let keys = rotated(key(normed), keyGain, keyAngles)  // [T, K·E]
      let values = value(normed)  // [T, K·E]
      let asking = memory.rows(of: normed, in: subset)
      let queries = rotated(query(asking), queryGain, queryAngles)
      let attended = memory.attend(
        layer: index, query: queries, key: keys, value: values, subset: subset,
        window: configuration.slidingWindows[index])
      let middle = memory.rows(of: input, in: subset).adding(output(attended))
      let inner = middle.rmsNormalized(feedForwardGain, epsilon: epsilon)
      return middle.adding(down(Tensor.swiGLU(gate: gate(inner), up: up(inner))))
    }

    private func rotated(
      _ heads: Tensor, _ gain: WeightVector?, _ angles: RotaryAngles
    ) -> Tensor {
      let headSize = configuration.headSize
      let normed =
        gain.map {
          heads.rmsNormalized($0, epsilon: configuration.normEpsilon, groupSize: headSize)
        } ?? heads
      return normed.rotated(by: angles, headSize: headSize)
    }
  }
}
