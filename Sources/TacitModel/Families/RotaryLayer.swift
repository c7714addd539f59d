import TacitCheckpoint
import TacitFault
import TacitTensor

/// A layer of the Llama line: RMS norms, rotary positions, a gated feed-forward block.
///
/// Llama 2/3, Mistral, Qwen 2/2.5 and Qwen 3 differ in biases, query/key norm, windows and
/// frequency scaling only, all of which the configuration states.
final class RotaryLayer: DecoderLayer {
  let window: Int?
  private let headSize: Int
  private let epsilon: Float
  private let attentionNorm, feedForwardNorm: Norm
  private let query, key, value, output: Projection
  private let queryGain, keyGain: WeightVector?
  private let gate, up, down: Projection

  init(
    _ weights: some WeightSource, _ configuration: ModelConfiguration, index: Int
  ) throws(Fault) {
    let name = "\(configuration.family.names.layers)\(index)."
    let width = configuration.hiddenSize
    let headSize = configuration.headSize
    let queryWidth = configuration.headCount * headSize
    let keyWidth = configuration.keyValueHeadCount * headSize
    let inner = configuration.intermediateSize
    let bias = configuration.hasAttentionBias
    let innerBias = configuration.hasFeedForwardBias
    window = configuration.slidingWindows[index]
    self.headSize = headSize
    epsilon = configuration.normEpsilon
    func projection(
      _ part: String, _ outputs: Int, _ inputs: Int, _ hasBias: Bool
    ) throws(Fault) -> Projection {
      try Projection(weights, name + part, outputs: outputs, inputs: inputs, hasBias: hasBias)
    }
    attentionNorm = try Norm.rootMeanSquare(weights, name + "input_layernorm", configuration)
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
    feedForwardNorm = try Norm.rootMeanSquare(
      weights, name + "post_attention_layernorm", configuration)
    gate = try projection("mlp.gate_proj", inner, width, innerBias)
    up = try projection("mlp.up_proj", inner, width, innerBias)
    down = try projection("mlp.down_proj", width, inner, innerBias)
  }

  func heads(
    _ input: Tensor, _ places: RowPlaces, asking: RowPicker
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    let normed = attentionNorm(input)  // [T, D]
    let keys = rotated(key(normed), keyGain, places.angles)
    let values = value(normed)
    return (rotated(query(asking(normed)), queryGain, places.angles(of: asking)), keys, values)
  }

  func keysAndValues(_ input: Tensor, _ places: RowPlaces) -> (key: Tensor, value: Tensor) {
    let normed = attentionNorm(input)
    return (rotated(key(normed), keyGain, places.angles), value(normed))
  }

  func attentionOutput(_ attended: Tensor) -> Tensor { output(attended) }

  func feedForward(_ input: Tensor) -> Tensor {
    let normed = feedForwardNorm(input)
    return down(Tensor.swiGLU(gate: gate(normed), up: up(normed)))
  }

  private func rotated(_ heads: Tensor, _ gain: WeightVector?, _ angles: RotaryAngles?) -> Tensor {
    let normed =
      gain.map { heads.rmsNormalized($0, epsilon: epsilon, groupSize: headSize) } ?? heads
    return angles.map { normed.rotated(by: $0, headSize: headSize) } ?? normed
  }
}

extension TensorNames {
  /// The names that all of the Llama line share.
  static let rotary = TensorNames(
    embedding: "model.embed_tokens", finalNorm: "model.norm", layers: "model.layers.",
    parts: [
      "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
      "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
      "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
      "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
      "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ])
}

extension LanguageModel {
  /// Opens a decoder of the Llama line under the names that all of it share.
  static func rotary(
    _ weights: any WeightSource, _ configuration: ModelConfiguration
  ) throws(Fault) -> LanguageModel {
    let names = configuration.family.names
    let embedding = try weights.matrix(
      names.embedding + ".weight", outputs: configuration.vocabularySize,
      inputs: configuration.hiddenSize)
    let head = try LanguageModel.head(
      weights, configuration, embedding: embedding, named: names.embedding + ".weight")
    let finalNorm = try Norm.rootMeanSquare(weights, names.finalNorm, configuration)
    var layers: [any DecoderLayer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try RotaryLayer(weights, configuration, index: index))
    }
    let rotary = configuration.rotary
    let table = RotaryTable(
      inverseFrequencies: rotary?.inverseFrequencies(headSize: configuration.headSize) ?? [],
      attentionScale: rotary?.attentionScale ?? 1)
    return LanguageModel(
      configuration, embedding: embedding, encoding: .rotary(table), layers: layers,
      finalNorm: finalNorm, head: head)
  }
}
