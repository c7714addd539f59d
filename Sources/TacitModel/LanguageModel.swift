import TacitCheckpoint
import TacitFault
import TacitTensor

/// A decoder: rows in, residual stream and logits out.
///
/// A class, so that whoever runs it holds one reference.
public final class LanguageModel: Sendable {
  /// What config.json says.
  public let configuration: ModelConfiguration
  let embedding: WeightMatrix
  let encoding: PositionEncoding
  let layers: [any DecoderLayer]
  let finalNorm: Norm
  let head: WeightMatrix
  /// The steps of a pass in which every layer runs once.
  let plainSteps: [ScheduleStep]
  /// Is told of every pass; nil but in tests of what batches form.
  let observer: (any PassObserver)?

  init(
    _ configuration: ModelConfiguration, embedding: WeightMatrix, encoding: PositionEncoding,
    layers: [any DecoderLayer], finalNorm: Norm, head: WeightMatrix,
    observer: (any PassObserver)? = nil
  ) {
    self.configuration = configuration
    self.embedding = embedding
    self.encoding = encoding
    self.layers = layers
    self.finalNorm = finalNorm
    self.head = head
    plainSteps = LayerSchedule.plain.steps(layerCount: layers.count)
    self.observer = observer
  }

  /// The same weights under observation, or under a configuration that promises something else.
  package convenience init(
    _ base: LanguageModel, configuration: ModelConfiguration? = nil, observer: any PassObserver
  ) {
    self.init(
      configuration ?? base.configuration, embedding: base.embedding, encoding: base.encoding,
      layers: base.layers, finalNorm: base.finalNorm, head: base.head, observer: observer)
  }

  /// Opens the weights of a checkpoint as the family that its configuration names.
  /// - Throws: ``Fault`` when configuration and weights are faulty or do not fit.
  public static func load(
    _ checkpoint: Checkpoint, precision: WeightPrecision = WeightPrecision()
  ) throws(Fault) -> LanguageModel {
    let configuration = try ModelConfiguration(checkpoint)
    return try make(
      configuration,
      weights: PackedWeightSource(
        checkpoint, names: configuration.family.names, path: checkpoint.path,
        precision: precision))
  }

  /// Makes the model that a configuration describes of weights from anywhere.
  /// - Throws: ``Fault`` when a weight is missing or does not fit.
  public static func make(
    _ configuration: ModelConfiguration, weights: some WeightSource
  ) throws(Fault) -> LanguageModel {
    try configuration.family.open(weights, configuration)
  }

  /// The output head: the embedding where both are tied, unless the checkpoint holds a head of its
  /// own, which counts whatever the configuration says, as in Hugging Face.
  static func head(
    _ weights: some WeightSource, _ configuration: ModelConfiguration, embedding: WeightMatrix,
    named embeddingName: String
  ) throws(Fault) -> WeightMatrix {
    let name = configuration.family.names.head + ".weight"
    if configuration.tiesEmbeddings, !weights.holds(name, apartFrom: embeddingName) {
      return embedding
    }
    return try weights.matrix(
      name, outputs: configuration.vocabularySize, inputs: configuration.hiddenSize)
  }

  /// Rows of the embedding matrix, [ids, D]; positions are not added yet.
  public func embed(_ tokenIDs: [Int32]) -> Tensor { embedding.gathered(rows: tokenIDs) }

  /// Sums of rows of a matrix with weights: [T, V] to [T, D].
  func mix(_ weights: Tensor, of matrix: VocabularyMatrix) -> Tensor {
    observer?.willMix(rows: weights.rows)
    return weights.linear((matrix == .head ? head : embedding).transposed)
  }

  /// The final norm: residual [T, D] to hidden state [T, D].
  public func normalize(_ residual: Tensor) -> Tensor { finalNorm(residual) }

  /// The output head: hidden state [T, D] to logits [T, V].
  public func project(_ hidden: Tensor) -> Tensor { hidden.linear(head) }

  /// Rows of the output head, [ids, D]: those of the embedding where both are tied.
  public func headRows(_ tokenIDs: [Int32]) -> Tensor { head.gathered(rows: tokenIDs) }
}

/// Is told of the passes of a model before they are computed.
package protocol PassObserver: Sendable {
  /// A pass through the layers begins.
  func willRun(rows: Int)
  /// A pass over the embedding matrix begins.
  func willMix(rows: Int)
}
