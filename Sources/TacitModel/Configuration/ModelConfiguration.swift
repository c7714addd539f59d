import TacitCheckpoint
import TacitFault
import TacitJSON

/// What `config.json` says about a decoder, in Hugging Face's terms.
public struct ModelConfiguration: Sendable, Equatable {
  /// Activation of the feed-forward block.
  public enum Activation: String, Sendable {
    case silu, gelu
    case geluTanh = "gelu_new"
    case relu
  }

  /// Which family.
  public let family: ModelFamily
  /// V: rows of the embedding matrix.
  public let vocabularySize: Int
  /// D: width of the residual stream.
  public let hiddenSize: Int
  /// Width of the feed-forward block.
  public let intermediateSize: Int
  /// Layers.
  public let layerCount: Int
  /// H: query heads.
  public let headCount: Int
  /// K: key/value heads.
  public let keyValueHeadCount: Int
  /// E: width of one head.
  public let headSize: Int
  /// Positions that the model was made for.
  public let maximumPositions: Int
  /// Epsilon of the norms.
  public let normEpsilon: Float
  /// Activation of the feed-forward block.
  public let activation: Activation
  /// Whether the output head is the embedding matrix.
  public let tiesEmbeddings: Bool
  /// Whether query, key and value projections have biases.
  public let hasAttentionBias: Bool
  /// Whether the attention's output projection has a bias.
  public let hasAttentionOutputBias: Bool
  /// Whether the feed-forward projections have biases.
  public let hasFeedForwardBias: Bool
  /// Whether queries and keys are normalised per head.
  public let normalizesQueryAndKey: Bool
  /// Rotary embedding; nil where positions are learned.
  public let rotary: RotaryConfiguration?
  /// Columns that each layer sees, its own included; nil is all of them.
  public let slidingWindows: [Int?]
  /// Ids that end a text.
  public let endOfSequenceIDs: [Int]

  /// Reads the configuration of a checkpoint.
  /// - Throws: ``Fault`` for an unknown family, a missing key or an impossible size.
  public init(_ checkpoint: Checkpoint) throws(Fault) {
    try self.init(
      checkpoint.configuration, generation: checkpoint.generationConfiguration,
      path: checkpoint.configurationPath)
  }

  /// Reads what a `config.json` would say.
  /// - Parameters:
  ///   - values: The object of `config.json`.
  ///   - generation: That of `generation_config.json`.
  ///   - path: Where it comes from, for messages.
  /// - Throws: ``Fault`` as for a checkpoint.
  public init(
    _ values: JSON, generation: JSON = [:], path: String
  ) throws(Fault) {
    let reader = ConfigurationReader(values: values, path: path)
    family = try reader.family()
    let (keys, rules) = (family.keys, family.rules)
    try family.refuseVariants(reader)
    vocabularySize = try reader.size("vocab_size", maximum: 1 << 24)
    hiddenSize = try reader.size(keys.hiddenSize, maximum: 1 << 18)
    layerCount = try reader.size(keys.layerCount, maximum: 4096)
    headCount = try reader.size(keys.headCount, maximum: 1 << 14)
    keyValueHeadCount =
      if let key = keys.keyValueHeadCount {
        try reader.optionalSize(key, maximum: 1 << 14) ?? headCount
      } else {
        headCount
      }
    headSize = try reader.headSize(keys.headSize, hiddenSize: hiddenSize, headCount: headCount)
    intermediateSize =
      if let factor = rules.intermediateFactor {
        try reader.optionalSize(keys.intermediateSize, maximum: 1 << 22) ?? factor * hiddenSize
      } else {
        try reader.size(keys.intermediateSize, maximum: 1 << 22)
      }
    maximumPositions = try reader.size(keys.maximumPositions, maximum: 1 << 30)
    normEpsilon = try reader.epsilon(family)
    activation = try reader.activation(family)
    tiesEmbeddings = try reader.boolean("tie_word_embeddings", default: rules.tiesEmbeddings)
    hasAttentionBias = try reader.bias(rules.queryKeyValueBias)
    hasAttentionOutputBias = try reader.bias(rules.attentionOutputBias)
    hasFeedForwardBias = try reader.boolean("mlp_bias", default: rules.feedForwardBias)
    normalizesQueryAndKey = rules.normalizesQueryAndKey
    rotary =
      rules.rotates
      ? try RotaryConfiguration(reader, headSize: headSize, maximumPositions: maximumPositions)
      : nil
    slidingWindows = try family.slidingWindows(reader, layerCount)
    endOfSequenceIDs = try reader.endOfSequenceIDs(generation)
    guard headCount % keyValueHeadCount == 0 else {
      throw reader.fault(
        "num_key_value_heads", "a divisor of \(headCount) heads", "\(keyValueHeadCount)")
    }
    guard rotary == nil || headSize % 2 == 0 else {
      throw reader.fault("head_dim", "an even number", "\(headSize)")
    }
  }
}
