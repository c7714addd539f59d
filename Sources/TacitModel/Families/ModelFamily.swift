import TacitCheckpoint
import TacitFault

/// One family of decoders: keys of its config.json, names of its tensors, its rules, its layers.
///
/// A further family is a file beside this one and an entry of ``all``.
public struct ModelFamily: Sendable, Equatable {
  /// `model_type` in config.json.
  public let name: String
  /// How config.json spells what every decoder has.
  let keys: Keys
  /// What checkpoints call its tensors.
  public let names: TensorNames
  /// What sets its GGUF files apart; nil where these are files of another family.
  let gguf: GGUF?
  /// What holds where config.json says nothing, or always.
  let rules: Rules
  /// Columns that each layer sees.
  let slidingWindows:
    @Sendable (ConfigurationReader, _ layerCount: Int) throws(Fault)
      -> [Int?]
  /// Refuses settings that change the arithmetic and that nothing here computes.
  let refuseVariants: @Sendable (ConfigurationReader) throws(Fault) -> Void
  /// Opens the weights.
  let open: @Sendable (any WeightSource, ModelConfiguration) throws(Fault) -> LanguageModel

  /// Every family, by name.
  public static let all = [gpt2, llama, mistral, qwen2, qwen3]

  init(
    name: String, keys: Keys, names: TensorNames, gguf: GGUF?, rules: Rules,
    slidingWindows:
      @escaping @Sendable (ConfigurationReader, Int) throws(Fault) -> [Int?],
    refuseVariants: @escaping @Sendable (ConfigurationReader) throws(Fault) -> Void = {
      (_) throws(Fault) in
    },
    open:
      @escaping @Sendable (any WeightSource, ModelConfiguration) throws(Fault) ->
      LanguageModel
  ) {
    self.name = name
    self.keys = keys
    self.names = names
    self.gguf = gguf
    self.rules = rules
    self.slidingWindows = slidingWindows
    self.refuseVariants = refuseVariants
    self.open = open
  }

  /// Families are the same when their names are.
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
}

extension ModelFamily {
  /// Keys of config.json.
  struct Keys: Sendable {
    var hiddenSize = "hidden_size"
    var layerCount = "num_hidden_layers"
    var headCount = "num_attention_heads"
    /// Heads of keys and values; nil where every query head has its own.
    var keyValueHeadCount: String? = "num_key_value_heads"
    /// Width of a head; nil where heads share the hidden size.
    var headSize: String? = "head_dim"
    var intermediateSize = "intermediate_size"
    var maximumPositions = "max_position_embeddings"
    var normEpsilon = "rms_norm_eps"
    var activation = "hidden_act"
  }

  /// What converters make of a family.
  struct GGUF: Sendable {
    /// The epsilon of the norms in the metadata.
    var normEpsilon = "attention.layer_norm_rms_epsilon"
    /// Whether a head's rows of query and key projections come from its two halves in turn.
    var interleavesRows = false
  }

  /// What sets a family apart.
  struct Rules: Sendable {
    /// Where a projection has a bias.
    enum Bias: Sendable {
      case always, never
      /// Where `attention_bias` says so.
      case configured
    }

    var queryKeyValueBias = Bias.configured
    var attentionOutputBias = Bias.configured
    var feedForwardBias = false
    var tiesEmbeddings = false
    var normEpsilon: Float = 1e-6
    /// Activations by their names in config.json.
    var activations: KeyValuePairs<String, ModelConfiguration.Activation> = [
      "silu": .silu, "swish": .silu,
    ]
    /// What an error message lists of them.
    var activationNames = "silu"
    /// Width of the feed-forward block where config.json does not say it, in hidden sizes.
    var intermediateFactor: Int?
    /// Matrices of the feed-forward block.
    var feedForwardMatrices = 3
    var normalizesQueryAndKey = false
    /// Whether queries and keys are rotated; else positions are learned.
    var rotates = true
  }
}
