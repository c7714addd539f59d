import TacitCheckpoint
import TacitFault
import TacitModel
import TacitTensor

/// What linear layers compute with.
public enum Arithmetic: String, Sendable, CaseIterable {
  /// Float32 multiply-adds of exact activations.
  case float32
  /// Dot products of BFloat16 pairs.
  case bfloat16
  /// Dot products of bytes.
  case int8
}

/// Bytes of weights that steps read.
struct WeightTraffic: Sendable {
  /// All layers and norms, read once by a batch of any number of rows.
  private(set) var layerBytes = 0
  /// The output head, read once by a batch that wants logits.
  private(set) var headBytes = 0
  /// What each token reads of the embedding.
  private(set) var tokenBytes = 0
  /// What each row reads of learned positions.
  private(set) var positionBytes = 0
  private var weightCounts: [Arithmetic: Int] = [:]

  /// The arithmetic that most weights take part in.
  var arithmetic: Arithmetic {
    Arithmetic.allCases.max { weightCounts[$0, default: 0] < weightCounts[$1, default: 0] }
      ?? .float32
  }

  /// Takes note of a matrix that a model uses.
  mutating func count(
    _ matrix: WeightMatrix, named name: String, of configuration: ModelConfiguration,
    activations: ActivationPrecision
  ) {
    // Products read a packed copy where there is one.
    let read = matrix.packedByteCount > 0 ? matrix.packedByteCount : matrix.byteCount
    switch configuration.family.names.role(of: name) {
    case .positions: positionBytes += read / max(matrix.outputs, 1)
    case .embedding:
      let stored = matrix.blockFormat == nil ? matrix.byteCount - matrix.packedByteCount : read
      tokenBytes += stored / max(matrix.outputs, 1)
      guard configuration.tiesEmbeddings else { return }
      headBytes += read
    case .head: headBytes += read
    case .layer: layerBytes += read
    }
    let arithmetic = Arithmetic(of: matrix, activations: activations)
    weightCounts[arithmetic, default: 0] += matrix.outputs * matrix.inputs
  }

  /// Takes note of gains or biases, which are read as Float32.
  mutating func count(_ vector: WeightVector) {
    layerBytes += vector.count * MemoryLayout<Float>.stride
  }

  /// Bytes of one step of a workload: of one token or thought of each session, or of all prompts.
  func bytes(
    perStepOf workload: Workload, sessions: Int, promptLength: Int, batchRows: Int
  ) -> Int {
    switch workload {
    case .decode: return layerBytes + headBytes + sessions * (tokenBytes + positionBytes)
    case .latent: return layerBytes + sessions * positionBytes
    case .prefill:
      let rows = sessions * promptLength
      let batches = (rows + batchRows - 1) / batchRows
      // Prompts end in different batches where they can.
      return batches * layerBytes + min(batches, sessions) * headBytes
        + rows * (tokenBytes + positionBytes)
    }
  }
}

extension Arithmetic {
  /// What products with a matrix are made of.
  init(of matrix: WeightMatrix, activations: ActivationPrecision) {
    switch activations {
    case .exact: self = .float32
    case .fast where matrix.blockFormat != nil: self = .int8
    case .fast: self = matrix.packedByteCount > 0 ? .bfloat16 : .float32
    }
  }
}

/// Weights on their way to a model, with note taken of what its steps will read.
final class MeteredWeights: WeightSource {
  private(set) var traffic = WeightTraffic()
  private let source: any WeightSource
  private let configuration: ModelConfiguration
  private let activations: ActivationPrecision

  init(
    _ source: any WeightSource, of configuration: ModelConfiguration,
    activations: ActivationPrecision
  ) {
    self.source = source
    self.configuration = configuration
    self.activations = activations
  }

  func contains(_ name: String) -> Bool { source.contains(name) }

  func holds(_ second: String, apartFrom first: String) -> Bool {
    source.holds(second, apartFrom: first)
  }

  func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    let matrix = try source.matrix(name, outputs: outputs, inputs: inputs, layout: layout)
    traffic.count(matrix, named: name, of: configuration, activations: activations)
    return matrix
  }

  func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    let vector = try source.vector(name, count: count)
    traffic.count(vector)
    return vector
  }
}
