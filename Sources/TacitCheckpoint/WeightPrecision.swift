import TacitFault
import TacitTensor

/// How a model keeps its weights, its keys and values, and what linear layers make of their inputs.
public struct WeightPrecision: Sendable, Equatable {
  /// The blocks that weights are rounded to at loading; nil keeps them as stored.
  public var quantization: BlockFormat?
  /// What linear layers make of their inputs.
  public var activations: ActivationPrecision

  /// How keys and values are kept between steps: rounded, too, where activations are.
  public var keysAndValues: ElementType { activations == .fast ? .float16 : .float32 }

  /// Weights as stored and exact activations, unless said otherwise.
  public init(quantization: BlockFormat? = nil, activations: ActivationPrecision = .exact) {
    self.quantization = quantization
    self.activations = activations
  }
}

/// Weights of any source at a chosen precision, each packed once, when a model asks for it.
///
/// As in llama.cpp, linear layers whose inputs are blocks of 32 are rounded; norms, biases and
/// learned positions stay. Embedding and output head are Q8_0 under Q4_0 too, where llama.cpp
/// gives an output head or a tied embedding Q6_K. The pages of what was packed are given back.
public final class PackedWeightSource: WeightSource {
  private let source: any WeightSource
  private let names: TensorNames
  private let path: String
  private let precision: WeightPrecision
  /// Bytes of all packed weights.
  public private(set) var packedByteCount = 0

  /// Prepares the weights of `source`, whose roles are told by `names`; messages call it `path`.
  public init(
    _ source: any WeightSource, names: TensorNames, path: String, precision: WeightPrecision
  ) {
    self.source = source
    self.names = names
    self.path = path
    self.precision = precision
  }

  /// Whether the source has a weight of this name.
  public func contains(_ name: String) -> Bool { source.contains(name) }

  /// Whether the source has a second matrix that is not the first one stored twice.
  public func holds(_ second: String, apartFrom first: String) -> Bool {
    source.holds(second, apartFrom: first)
  }

  /// A matrix, packed if the precision asks for it.
  /// - Throws: ``Fault`` as the source does, and when blocks of a file were to be
  ///   rounded again.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    var matrix = try source.matrix(name, outputs: outputs, inputs: inputs, layout: layout)
    let role = names.role(of: name)
    if role == .positions { return matrix }
    if let format = precision.quantization {
      if let stored = matrix.blockFormat {
        throw Fault(
          path, "tensor '\(name)'", expected: "weights that are not quantised yet",
          found: stored.rawValue, hint: "leave out --quantize, or use a file of BF16, F16 or F32")
      }
      let rounded = role == .layer ? format : .q8_0
      if inputs % rounded.blockLength == 0 { matrix = matrix.quantized(to: rounded) }
    }
    matrix = matrix.using(activations: precision.activations)
    packedByteCount += matrix.packedByteCount
    if matrix.packedByteCount > 0 { source.releasePages(of: name) }
    return matrix
  }

  /// A vector of gains or biases, as stored.
  /// - Throws: ``Fault`` as the source does.
  public func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    try source.vector(name, count: count)
  }
}
