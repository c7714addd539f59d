import TacitCheckpoint
import TacitFault
import TacitModel
import TacitTensor

/// A model to measure, and what is known of its weights.
public struct BenchModel: Sendable {
  /// Where weights come from.
  public enum Weights: Sendable, Equatable {
    /// The files of a checkpoint.
    case files
    /// Made for the occasion.
    case random(ElementType, seed: UInt64)
  }

  /// What the user calls it.
  public let name: String
  /// Where its weights come from.
  public let weights: Weights
  /// How it keeps them.
  public let precision: WeightPrecision
  /// Bytes of the weights before any were packed.
  public let storedByteCount: Int
  /// Bytes of weights that were packed in memory.
  public let packedByteCount: Int
  var network: Network
  let traffic: WeightTraffic

  /// What config.json says.
  public var configuration: ModelConfiguration { network.configuration }

  /// What its linear layers compute with.
  public var arithmetic: Arithmetic { traffic.arithmetic }

  /// Loads a checkpoint, without its tokenizer.
  /// - Throws: `Fault` for a faulty file.
  public init(_ located: LocatedModel, precision: WeightPrecision) throws(Fault) {
    let checkpoint = try Checkpoint(located)
    try self.init(
      name: located.name, weights: .files, source: checkpoint, path: checkpoint.path,
      configuration: ModelConfiguration(checkpoint), precision: precision,
      storedByteCount: { checkpoint.byteCount })
  }

  /// Makes a model of random weights.
  /// - Throws: `Fault` when the weights do not fit the configuration's family.
  public init(
    named name: String, _ configuration: ModelConfiguration, element: ElementType, seed: UInt64,
    precision: WeightPrecision
  ) throws(Fault) {
    let source = RandomWeights(element: element, seed: seed)
    try self.init(
      name: name, weights: .random(element, seed: seed), source: source, path: name,
      configuration: configuration, precision: precision,
      storedByteCount: { source.byteCount })
  }

  private init(
    name: String, weights: Weights, source: any WeightSource, path: String,
    configuration: ModelConfiguration, precision: WeightPrecision, storedByteCount: () -> Int
  ) throws(Fault) {
    let packed = PackedWeightSource(
      source, names: configuration.family.names, path: path, precision: precision)
    let metered = MeteredWeights(
      packed, of: configuration, activations: precision.activations)
    network = Network(
      try LanguageModel.make(configuration, weights: metered),
      keysAndValues: precision.keysAndValues)
    traffic = metered.traffic
    packedByteCount = packed.packedByteCount
    self.storedByteCount = storedByteCount()
    self.name = name
    self.weights = weights
    self.precision = precision
  }
}
