import TacitCheckpoint
import TacitFault
import TacitModel
import TacitTensor
import TacitText

/// Everything that a pipeline needs of one checkpoint.
public struct ReasoningModel: Sendable {
  /// Where it was found.
  public let located: LocatedModel
  /// How it keeps its weights.
  public let precision: WeightPrecision
  /// Bytes of weights packed in memory, beside those of the files that are mapped.
  public let packedByteCount: Int
  /// What opens sequences on it; plugins reach the model through those of their sample alone.
  let network: Network
  /// Turns text into ids and back.
  public let tokenizer: Tokenizer
  /// Renders conversations; nil when the checkpoint has no template.
  public let chatTemplate: ChatTemplate?
  /// Ids that end a text.
  public let endOfSequenceIDs: Set<Int>
  /// What is computed of the weights once, when first asked for.
  let facts = ModelFacts()

  /// Loads a checkpoint.
  /// - Parameters:
  ///   - located: Where it is.
  ///   - precision: How its weights are kept.
  ///   - scheduler: Shared by all engines of a run.
  /// - Throws: `Fault` for a faulty file.
  public init(
    _ located: LocatedModel, precision: WeightPrecision = WeightPrecision(), scheduler: Scheduler
  ) throws {
    self.located = located
    self.precision = precision
    let checkpoint = try Checkpoint(located)
    let configuration = try ModelConfiguration(checkpoint)
    let weights = PackedWeightSource(
      checkpoint, names: configuration.family.names, path: checkpoint.path, precision: precision)
    let model = try LanguageModel.make(configuration, weights: weights)
    packedByteCount = weights.packedByteCount
    network = Network(model, keysAndValues: precision.keysAndValues, scheduler: scheduler)
    let text = try ModelText(located, checkpoint)
    tokenizer = text.tokenizer
    chatTemplate = text.chatTemplate
    var ids = Set(model.configuration.endOfSequenceIDs)
    if ids.isEmpty, let id = tokenizer.eosToken.flatMap(tokenizer.tokenID) { ids = [id] }
    endOfSequenceIDs = ids
  }

  /// What config.json says.
  public var configuration: ModelConfiguration { network.configuration }

  /// Refuses a model without a chat template.
  /// - Throws: ``Fault`` with the stage's own hint.
  public func requireChatTemplate(hint: String) throws(Fault) -> ChatTemplate {
    if let chatTemplate { return chatTemplate }
    throw Fault(
      "model '\(located.name)'", expected: "a chat template", found: "none in the checkpoint",
      hint: hint)
  }

  /// Mean Euclidean norm of the rows of the embedding matrix.
  public var meanEmbeddingNorm: Double {
    derived("mean embedding norm") {
      let count = configuration.vocabularySize
      let sum = (0..<count).reduce(0) { $0 + euclideanNorm(embedding(of: $1)) }
      return sum / Double(count)
    }
  }

  /// What a plugin computes of the weights, made by `make` when first asked for, then kept.
  ///
  /// Whoever asks meanwhile waits. `key` starts with the plugin's name and says every setting.
  public func derived<Value: Sendable>(
    _ key: String, _ make: () throws -> Value
  ) rethrows -> Value {
    try facts.derive(key, make)
  }

  /// The tokens to which the output head gives the largest logits for a row, best first.
  public func nearestTokens(to row: [Float], count: Int = 3) -> [String] {
    let logits = network.inspect(row)
    return logits.indices.sorted { logits[$0] > logits[$1] }.prefix(count).map {
      tokenizer.token($0) ?? "#\($0)"
    }
  }

  /// The row of a token in the embedding matrix, D components.
  ///
  /// The id must be one that ``tokenID(_:)`` returned.
  public func embedding(of tokenID: Int) -> [Float] {
    network.embeddings(of: [Int32(tokenID)])[0]
  }

  /// Rows of the embedding matrix, [ids, D].
  public func embeddings(of tokenIDs: [Int32]) -> Tensor { network.embeddings(of: tokenIDs) }

  /// Rows of the output head, [ids, D]: those of the embedding where both are tied.
  public func headRows(of tokenIDs: [Int32]) -> Tensor { network.headRows(of: tokenIDs) }

  /// The id of a token that has a row in the embedding matrix.
  /// - Throws: ``Fault`` when the tokenizer or the matrix lacks it.
  public func tokenID(_ token: String) throws(Fault) -> Int {
    func fault(_ found: String, _ hint: String) -> Fault {
      Fault(
        "model '\(located.name)'", expected: "a token '\(token)'", found: found,
        hint: hint)
    }
    guard let id = tokenizer.tokenID(token) else {
      throw fault("none in its tokenizer", "the checkpoint was not trained for this stage")
    }
    guard (0..<configuration.vocabularySize).contains(id) else {
      throw fault(
        "id \(id) beyond its \(configuration.vocabularySize) embeddings",
        "the embeddings were not resized for the added tokens")
    }
    return id
  }

  /// The ids of the latent markers.
  /// - Throws: ``Fault`` when the tokenizer lacks one of them.
  public func latentMarkers() throws(Fault) -> LatentMarkers {
    let names = tokenizer.configuration["latent_tokens"]
    func id(_ role: String, _ standard: String) throws(Fault) -> Int {
      try tokenID(names?[role]?.string ?? standard)
    }
    return LatentMarkers(
      start: try id("start", "<|start-latent|>"), latent: try id("latent", "<|latent|>"),
      end: try id("end", "<|end-latent|>"))
  }
}

/// The three tokens around and in place of thoughts.
public struct LatentMarkers: Sendable, Equatable {
  /// Opens a span of thoughts.
  public let start: Int
  /// Stands for a thought in training data.
  public let latent: Int
  /// Closes the span.
  public let end: Int

  /// Ids that the model has.
  public init(start: Int, latent: Int, end: Int) {
    self.start = start
    self.latent = latent
    self.end = end
  }
}
