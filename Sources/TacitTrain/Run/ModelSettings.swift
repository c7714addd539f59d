import TacitJSON

/// The network of a run, in the terms of config.json: a Llama-style decoder with a tied head.
public struct ModelSettings: Sendable {
  let hiddenSize, intermediateSize, layerCount, headCount, keyValueHeadCount: Int
  let maximumPositions: Int
  let ropeTheta: Double

  /// Rows of the longest text: 56 facts, a question, 64 thoughts, and a chain in words.
  static let fewestPositions = 320

  static let specification: [SettingSpecification] = [
    .optional("hidden_size", .integer(2...16384), default: 128, "D: width of the residual stream."),
    .optional("intermediate_size", .integer(1...65536), default: 256, "Width of the gated blocks."),
    .optional("num_hidden_layers", .integer(1...256), default: 2, "Layers."),
    .optional("num_attention_heads", .integer(1...256), default: 4, "H: query heads."),
    .optional(
      "num_key_value_heads", .integer(1...256), "K: key/value heads; unset is as many as H."),
    .optional(
      "max_position_embeddings", .integer(fewestPositions...1_048_576), default: 512, "Positions."),
    .optional("rope_theta", .number(1...1e9), default: 10000, "Base of the rotary frequencies."),
  ]

  init(_ settings: Settings) throws(SettingError) {
    hiddenSize = settings.integer("hidden_size")
    intermediateSize = settings.integer("intermediate_size")
    layerCount = settings.integer("num_hidden_layers")
    headCount = settings.integer("num_attention_heads")
    keyValueHeadCount = settings.optionalInteger("num_key_value_heads") ?? headCount
    maximumPositions = settings.integer("max_position_embeddings")
    ropeTheta = settings.number("rope_theta")
    guard hiddenSize % (2 * headCount) == 0 else {
      throw settings.error(
        "hidden_size", expected: "a multiple of twice the \(headCount) heads",
        found: "\(hiddenSize)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw settings.error(
        "num_key_value_heads", expected: "a divisor of \(headCount) heads",
        found: "\(keyValueHeadCount)")
    }
  }

  /// What config.json says.
  func configuration(vocabulary: TrainingVocabulary, padID: Int?) -> JSON {
    let pad: JSON = padID.map { .integer($0) } ?? .null
    return [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama",
      "vocab_size": .integer(vocabulary.size), "hidden_size": .integer(hiddenSize),
      "intermediate_size": .integer(intermediateSize), "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount),
      "num_key_value_heads": .integer(keyValueHeadCount),
      "head_dim": .integer(hiddenSize / headCount),
      "max_position_embeddings": .integer(maximumPositions), "rms_norm_eps": .number(1e-6),
      "rope_theta": .number(ropeTheta), "hidden_act": "silu", "tie_word_embeddings": true,
      "attention_bias": false, "bos_token_id": .null,
      "eos_token_id": .integer(Int(vocabulary.end)), "pad_token_id": pad, "dtype": "float32",
      "torch_dtype": "float32",
    ]
  }
}
