import TacitCheckpoint
import TacitTensor

/// Which rows of a batch an operation covers.
public enum RowSubset: Sendable {
  /// Every row.
  case all
  /// From the first row whose state is wanted to the last row, of each sequence.
  case wantedTail
}

/// Where attention puts keys and values, and finds those of earlier rows.
///
/// Inference keeps them in pages; training keeps recorded tensors. A model is defined once, over
/// this protocol.
public protocol AttentionMemory {
  /// Attends from rows of one layer to all columns of their own sequences, causally.
  ///
  /// - Parameters:
  ///   - layer: Layer whose columns are meant.
  ///   - query: [rows of `subset`, H·E], rotated.
  ///   - key: [T, K·E], rotated; all rows, appended before attending.
  ///   - value: [T, K·E].
  ///   - subset: Rows that `query` holds.
  ///   - window: Columns that a row sees, its own included; nil is all.
  /// - Returns: [rows of `subset`, H·E].
  mutating func attend(
    layer: Int, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset, window: Int?
  ) -> Tensor

  /// The rows of a tensor over all rows that `subset` covers.
  func rows(of tensor: Tensor, in subset: RowSubset) -> Tensor

  /// The positions of the rows that `subset` covers, out of those of all rows.
  func positions(_ positions: [Int32], in subset: RowSubset) -> [Int32]
}

/// What a model computes for a batch.
public struct ModelOutput {
  /// Residual stream after the last layer, [rows of the wanted tail, D].
  public var residual: Tensor
  /// Residual streams asked for by layer, [rows of the wanted tail, D]; 0 is the input embedding.
  public var layers: [Int: Tensor]
}

/// A decoder: rows in, residual stream and logits out.
public protocol LanguageModel: Sendable {
  /// What config.json says.
  var configuration: ModelConfiguration { get }

  /// Rows of the embedding matrix, [ids, D]; positions are not added yet.
  func embed(_ tokenIDs: [Int32]) -> Tensor

  /// Runs all layers.
  ///
  /// The last layer computes keys and values of every row but states of the wanted tail only.
  /// - Parameters:
  ///   - input: [T, D], token embeddings or vectors.
  ///   - positions: Position of each row.
  ///   - memory: Keys and values; gains the batch's.
  ///   - layers: Layers whose residual stream is wanted too.
  /// - Returns: the states of the wanted tail.
  func forward(
    _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory, layers: Set<Int>
  ) -> ModelOutput

  /// Sums of embedding rows with weights: [T, V] to [T, D].
  func mix(_ weights: Tensor) -> Tensor

  /// The final norm: residual [T, D] to hidden state [T, D].
  func normalize(_ residual: Tensor) -> Tensor

  /// The output head: hidden state [T, D] to logits [T, V].
  func project(_ hidden: Tensor) -> Tensor

  /// Rows of the output head, [ids, D]: those of the embedding where both are tied.
  func headRows(_ tokenIDs: [Int32]) -> Tensor
}

/// Opens the weights of a checkpoint as the architecture that its configuration names.
/// - Throws: ``CheckpointError`` when configuration and weights are faulty or do not fit.
public func loadLanguageModel(
  _ checkpoint: Checkpoint, precision: WeightPrecision = WeightPrecision()
) throws(CheckpointError) -> any LanguageModel {
  try makeLanguageModel(
    ModelConfiguration(checkpoint),
    weights: PackedWeightSource(checkpoint, path: checkpoint.path, precision: precision))
}

/// Makes the model that a configuration describes of weights from anywhere.
/// - Throws: ``CheckpointError`` when a weight is missing or does not fit.
public func makeLanguageModel(
  _ configuration: ModelConfiguration, weights: some WeightSource
) throws(CheckpointError) -> any LanguageModel {
  configuration.family == .gpt2
    ? try GPT2Model(weights, configuration) : try RotaryDecoder(weights, configuration)
}
