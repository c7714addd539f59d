import OrderedCollections
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel

/// The shape of a published model, as its `config.json` states it.
public struct ModelPreset: Sendable {
  /// The model's name in lower case.
  public let name: String
  /// The keys of `config.json` that decide the shape.
  public let values: JSON

  /// The configuration that a name or a path stands for.
  /// - Parameter text: A preset's name, a `config.json`, or a folder with one.
  /// - Returns: what it says.
  /// - Throws: `Fault` that lists the names, or says what is wrong with the file.
  public static func configuration(
    _ text: String
  ) throws(Fault) -> ModelConfiguration {
    if let preset = all.first(where: { $0.name == text.lowercased() }) {
      return try ModelConfiguration(preset.values, path: text)
    }
    guard text.contains("/") || text.hasSuffix(".json") else {
      throw Fault(
        text, expected: "the path of a config.json, or the name of a configuration",
        found: "neither", hint: "there are: \(all.map(\.name).joined(separator: ", "))")
    }
    let path = text.hasSuffix(".json") ? text : text + "/config.json"
    let values = try MappedFile(path: path).json()
    guard values.object != nil else {
      throw Fault(path, expected: "an object", found: values.kind)
    }
    return try ModelConfiguration(values, path: path)
  }
}

extension ModelPreset {
  /// Every preset, families together, small ones first.
  public static let all = [
    gpt2("gpt2", layers: 12, hidden: 768, heads: 12),
    gpt2("gpt2-medium", layers: 24, hidden: 1024, heads: 16),
    llama(
      "smollm2-135m", layers: 30, hidden: 576, heads: (9, 3), headSize: 64, inner: 1536,
      vocabulary: 49_152, positions: 8192, tied: true, theta: 100_000),
    llama(
      "smollm2-360m", layers: 32, hidden: 960, heads: (15, 5), headSize: 64, inner: 2560,
      vocabulary: 49_152, positions: 8192, tied: true, theta: 100_000),
    llama(
      "tinyllama-1.1b", layers: 22, hidden: 2048, heads: (32, 4), headSize: 64, inner: 5632,
      vocabulary: 32_000, positions: 2048, tied: false, theta: 10_000),
    llama(
      "llama-3.2-1b", layers: 16, hidden: 2048, heads: (32, 8), headSize: 64, inner: 8192,
      vocabulary: 128_256, positions: 131_072, tied: true, theta: 500_000, stretch: 32),
    llama(
      "llama-3.2-3b", layers: 28, hidden: 3072, heads: (24, 8), headSize: 128, inner: 8192,
      vocabulary: 128_256, positions: 131_072, tied: true, theta: 500_000, stretch: 32),
    qwen(
      "qwen2.5-0.5b", "qwen2", layers: 24, hidden: 896, heads: (14, 2), headSize: 64, inner: 4864,
      positions: 32_768),
    qwen(
      "qwen2.5-1.5b", "qwen2", layers: 28, hidden: 1536, heads: (12, 2), headSize: 128,
      inner: 8960, positions: 131_072),
    qwen(
      "qwen3-0.6b", "qwen3", layers: 28, hidden: 1024, heads: (16, 8), headSize: 128, inner: 3072,
      positions: 40_960),
    qwen(
      "qwen3-1.7b", "qwen3", layers: 28, hidden: 2048, heads: (16, 8), headSize: 128, inner: 6144,
      positions: 40_960),
    qwen(
      "qwen3-4b", "qwen3", layers: 36, hidden: 2560, heads: (32, 8), headSize: 128, inner: 9728,
      positions: 40_960),
  ]

  private static func gpt2(_ name: String, layers: Int, hidden: Int, heads: Int) -> ModelPreset {
    ModelPreset(
      name: name,
      values: [
        "model_type": "gpt2", "n_layer": .integer(layers), "n_embd": .integer(hidden),
        "n_head": .integer(heads), "n_positions": 1024, "vocab_size": 50_257,
      ])
  }

  /// All Qwen models here share embeddings of 151,936 tokens with the head.
  private static func qwen(
    _ name: String, _ family: String, layers: Int, hidden: Int, heads: (query: Int, key: Int),
    headSize: Int, inner: Int, positions: Int
  ) -> ModelPreset {
    decoder(
      name, family, layers: layers, hidden: hidden, heads: heads, headSize: headSize, inner: inner,
      rest: [
        "vocab_size": 151_936, "max_position_embeddings": .integer(positions),
        "tie_word_embeddings": true, "rope_theta": 1_000_000, "rms_norm_eps": 1e-6,
      ])
  }

  /// With a `stretch`, frequencies are scaled as in Llama 3 from 8192 positions on.
  private static func llama(
    _ name: String, layers: Int, hidden: Int, heads: (query: Int, key: Int), headSize: Int,
    inner: Int, vocabulary: Int, positions: Int, tied: Bool, theta: Int, stretch: Int? = nil
  ) -> ModelPreset {
    var rest: OrderedDictionary<String, JSON> = [
      "vocab_size": .integer(vocabulary), "max_position_embeddings": .integer(positions),
      "tie_word_embeddings": .boolean(tied), "rope_theta": .integer(theta), "rms_norm_eps": 1e-5,
    ]
    if let stretch {
      rest["rope_scaling"] = [
        "rope_type": "llama3", "factor": .integer(stretch), "low_freq_factor": 1,
        "high_freq_factor": 4, "original_max_position_embeddings": 8192,
      ]
    }
    return decoder(
      name, "llama", layers: layers, hidden: hidden, heads: heads, headSize: headSize,
      inner: inner, rest: rest)
  }

  private static func decoder(
    _ name: String, _ family: String, layers: Int, hidden: Int, heads: (query: Int, key: Int),
    headSize: Int, inner: Int, rest: OrderedDictionary<String, JSON>
  ) -> ModelPreset {
    let shape: OrderedDictionary<String, JSON> = [
      "model_type": .string(family), "num_hidden_layers": .integer(layers),
      "hidden_size": .integer(hidden), "num_attention_heads": .integer(heads.query),
      "num_key_value_heads": .integer(heads.key), "head_dim": .integer(headSize),
      "intermediate_size": .integer(inner),
    ]
    return ModelPreset(name: name, values: .object(shape.merging(rest) { $1 }))
  }
}
