import TacitCheckpoint
import TacitFault
import TacitTensor

extension ModelFamily {
  /// GPT-2: layer norms, learned positions, one projection for query, key and value.
  public static let gpt2 = ModelFamily(
    name: "gpt2",
    keys: Keys(
      hiddenSize: "n_embd", layerCount: "n_layer", headCount: "n_head", keyValueHeadCount: nil,
      headSize: nil, intermediateSize: "n_inner", maximumPositions: "n_positions",
      normEpsilon: "layer_norm_epsilon", activation: "activation_function"),
    names: TensorNames(
      embedding: "wte", positions: "wpe", finalNorm: "ln_f", layers: "h.",
      parts: [
        "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
        "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
      ]),
    gguf: GGUF(normEpsilon: "attention.layer_norm_epsilon"),
    rules: Rules(
      queryKeyValueBias: .always, attentionOutputBias: .always, feedForwardBias: true,
      tiesEmbeddings: true, normEpsilon: 1e-5,
      activations: [
        "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu": .gelu, "relu": .relu,
      ],
      activationNames: "gelu_new, gelu or relu", intermediateFactor: 4, feedForwardMatrices: 2,
      rotates: false),
    slidingWindows: { (_, layerCount) throws(Fault) in
      [Int?](repeating: nil, count: layerCount)
    },
    refuseVariants: { (reader) throws(Fault) in
      for (key, standard) in [
        ("scale_attn_weights", true), ("scale_attn_by_inverse_layer_idx", false),
      ] where try reader.boolean(key, default: standard) != standard {
        throw reader.fault(key, "\(standard)", "\(!standard)")
      }
    },
    open: { (weights, configuration) throws(Fault) in
      // Files on the Hub lack the prefix of the library's names.
      let names = configuration.family.names
      let prefix = weights.contains("transformer.wte.weight") ? "transformer." : ""
      let embedding = try weights.matrix(
        prefix + names.embedding + ".weight", outputs: configuration.vocabularySize,
        inputs: configuration.hiddenSize)
      let positions = try weights.matrix(
        prefix + "wpe.weight", outputs: configuration.maximumPositions,
        inputs: configuration.hiddenSize)
      let head = try LanguageModel.head(
        weights, configuration, embedding: embedding,
        named: prefix + names.embedding + ".weight")
      let finalNorm = try Norm.layer(weights, prefix + names.finalNorm, configuration)
      var layers: [any DecoderLayer] = []
      for index in 0..<configuration.layerCount {
        layers.append(
          try GPT2Layer(weights, configuration, name: "\(prefix)\(names.layers)\(index)."))
      }
      return LanguageModel(
        configuration, embedding: embedding, encoding: .learned(positions), layers: layers,
        finalNorm: finalNorm, head: head)
    })
}

/// A layer of GPT-2.
private final class GPT2Layer: DecoderLayer {
  let window: Int? = nil
  private let width: Int
  private let activation: ModelConfiguration.Activation
  private let attentionNorm, feedForwardNorm: Norm
  private let queryKeyValue, output, expand, contract: Projection

  init(
    _ weights: some WeightSource, _ configuration: ModelConfiguration, name: String
  ) throws(Fault) {
    let width = configuration.hiddenSize
    self.width = width
    activation = configuration.activation
    func projection(
      _ part: String, _ outputs: Int, _ inputs: Int
    ) throws(Fault) -> Projection {
      // Conv1D of GPT-2 stores [inputs, outputs].
      try Projection(
        weights, name + part, outputs: outputs, inputs: inputs, hasBias: true, layout: .inputMajor)
    }
    attentionNorm = try Norm.layer(weights, name + "ln_1", configuration)
    queryKeyValue = try projection("attn.c_attn", 3 * width, width)
    output = try projection("attn.c_proj", width, width)
    feedForwardNorm = try Norm.layer(weights, name + "ln_2", configuration)
    expand = try projection("mlp.c_fc", configuration.intermediateSize, width)
    contract = try projection("mlp.c_proj", width, configuration.intermediateSize)
  }

  func heads(
    _ input: Tensor, _ places: RowPlaces, asking: RowPicker
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    let joint = queryKeyValue(attentionNorm(input))  // [T, 3·D]
    return (
      asking(joint.slice(columns: 0..<width)), joint.slice(columns: width..<2 * width),
      joint.slice(columns: 2 * width..<3 * width)
    )
  }

  func keysAndValues(_ input: Tensor, _ places: RowPlaces) -> (key: Tensor, value: Tensor) {
    let (_, key, value) = heads(input, places, asking: .all)
    return (key, value)
  }

  func attentionOutput(_ attended: Tensor) -> Tensor { output(attended) }

  func feedForward(_ input: Tensor) -> Tensor {
    contract(activated(expand(feedForwardNorm(input))))
  }

  private func activated(_ input: Tensor) -> Tensor {
    switch activation {
    case .geluTanh: input.gelu(.tanh)
    case .gelu: input.gelu(.erf)
    case .relu: input.relu()
    case .silu: preconditionFailure("the family has no gated block")
    }
  }
}
