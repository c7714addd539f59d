import OrderedCollections
import Synchronization
import TacitCheckpoint
import TacitFault
import TacitModel
import TacitReasoning
import TacitTensor

/// A direction for every layer in which prompts of two kinds differ.
///
/// Source: Fractional Reasoning, arXiv:2506.15882, whose code takes the last token's states of all
/// layers, the differences of each pair, their mean, and the first principal component of what is
/// left, with the sign that makes its largest element positive; the vectors are their sum. States
/// are the residual stream behind each layer, the last one before the final norm; the embedding's
/// are part of the analysis and then dropped.
public struct SteeringVectors: Sendable {
  /// Vectors of D components, layer by layer.
  public let rows: [[Float]]
  /// Share of the differences' variance that the component explains; nil for those of a file.
  public let explainedVariance: Double?

  private static let tensor = "vectors"

  /// Prompts of two kinds, as token ids.
  public struct Pair: Sendable {
    /// Towards what states will be turned.
    public var positive: [Int]
    /// Away from what.
    public var negative: [Int]

    /// Names both.
    public init(positive: [Int], negative: [Int]) {
      self.positive = positive
      self.negative = negative
    }
  }

  /// Reads the vectors of a file.
  /// - Throws: `Fault` when they are missing or do not fit the model.
  init(_ file: ModuleFile, for configuration: ModelConfiguration) throws(Fault) {
    let matrix = try file.matrix(
      Self.tensor, outputs: configuration.layerCount, inputs: configuration.hiddenSize,
      layout: .outputMajor)
    rows = (0..<Int32(configuration.layerCount)).map { matrix.gathered(rows: [$0])[0] }
    guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw Fault(
        file.path, "tensor '\(Self.tensor)'", expected: "finite numbers",
        found: "NaN or infinities")
    }
    explainedVariance = nil
  }

  /// Makes vectors of pairs of prompts, which the model reads.
  /// - Throws: ``Fault`` for fewer than two pairs and for empty prompts; what reading
  ///   prompts throws.
  public init(_ pairs: [Pair], model: ReasoningModel) async throws {
    guard pairs.count > 1 else {
      throw Fault(
        "steering vectors", expected: "two pairs of prompts or more", found: "\(pairs.count)")
    }
    guard pairs.allSatisfy({ !$0.positive.isEmpty && !$0.negative.isEmpty }) else {
      throw Fault("steering vectors", expected: "prompts with tokens", found: "an empty one")
    }
    let reader = Reader(pairs: pairs)
    let stage = PipelineStage(
      name: "vectors", requires: [], provides: [], location: nil, body: reader)
    _ = try await Pipeline(name: "vectors", stages: [stage]).run(
      SampleInput(name: "vectors", question: ""), models: ReasoningModels(main: model))
    self.init(
      differences: reader.differences.withLock { $0 }, width: model.configuration.hiddenSize)
  }

  /// The vectors of differences, [pairs, (layers + 1) · D].
  init(differences: [[Float]], width: Int) {
    let component = PrincipalComponent(differences)
    let sum = zip(component.mean, component.direction).map { Float($0 + $1) }
    rows = stride(from: width, to: sum.count, by: width).map { Array(sum[$0..<$0 + width]) }
    explainedVariance = component.explainedVariance
  }

  /// Writes them to a file that `steer` reads.
  /// - Throws: `Fault` when it cannot be written.
  public func write(
    to path: String, metadata: OrderedDictionary<String, String> = [:]
  ) throws(Fault) {
    try SafeTensorsFile.write(
      [.init(Self.tensor, shape: [rows.count, rows[0].count], values: rows.flatMap { $0 })],
      metadata: metadata, to: path)
  }

  /// Reads prompts and keeps the differences of their last states.
  private final class Reader: StageBody {
    let pairs: [Pair]
    let differences = Mutex<[[Float]]>([])

    init(pairs: [Pair]) { self.pairs = pairs }

    func run(_ state: inout ReasoningState, in context: StageContext) async throws {
      for pair in pairs {
        let positive = try await Self.states(pair.positive, state)
        let negative = try await Self.states(pair.negative, state)
        differences.withLock { $0.append(zip(positive, negative).map { $0 - $1 }) }
      }
    }

    /// States of the last row behind every layer, the embedding first, one after another.
    private static func states(_ ids: [Int], _ state: ReasoningState) async throws -> [Float] {
      let layers = state.model.configuration.layerCount
      let taps = (0...layers).map { Tap.residual(layer: $0) }
      var sequence = state.sequence(of: state.model)
      let readout = try await sequence.read(
        ids.map { .token($0) }, want: taps.map { .states($0) })
      return taps.flatMap { readout[$0]?[0] ?? [] }
    }
  }
}
