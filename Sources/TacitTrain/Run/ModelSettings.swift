import TacitFault
import TacitJSON
import TacitReasoning

/// The network of a run, in the terms of config.json: a Llama-style decoder with a tied head.
public struct ModelSettings: OptionTable {
  @Option("D: width of the residual stream.", 2...16384) var hiddenSize = 128
  @Option("Width of the gated blocks.", 1...65536) var intermediateSize = 256
  @Option("Layers.", 1...256, name: "num_hidden_layers") var layerCount = 2
  @Option("H: query heads.", 1...256, name: "num_attention_heads") var headCount = 4
  @Option(
    "K: key/value heads; unset is as many as H.", 1...256, name: "num_key_value_heads")
  var sharedHeadCount: Int?
  @Option("Positions.", fewestPositions...1_048_576, name: "max_position_embeddings")
  var maximumPositions = 512
  @Option("Base of the rotary frequencies.", 1...1e9) var ropeTheta = 10000.0

  /// Rows of the longest text: 56 facts, a question, 64 thoughts, and a chain in words.
  static let fewestPositions = 320

  /// A small network.
  public init() {}

  /// K.
  var keyValueHeadCount: Int { sharedHeadCount ?? headCount }

  /// Finds sizes that do not divide each other.
  public func validate() throws(Fault) {
    guard hiddenSize % (2 * headCount) == 0 else {
      throw Fault(
        option: "hidden_size", expected: "a multiple of twice the \(headCount) heads",
        found: "\(hiddenSize)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw Fault(
        option: "num_key_value_heads", expected: "a divisor of \(headCount) heads",
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
