import TacitFault
import TacitTensor

/// The weights of a trained part beside a checkpoint: a projection, a gate, vectors to steer by.
///
/// One safetensors file under its authors' key names. Its digest belongs to whatever is computed
/// with it: two files are the same when their bytes are.
public struct ModuleFile: WeightSource, Sendable, Equatable {
  /// Where it was read.
  public let path: String
  /// SHA-256 of its bytes, in hexadecimal digits.
  public let sha256: String
  private let file: SafeTensorsFile
  private let weights: SafeTensorsWeights

  /// Opens a file.
  /// - Throws: ``Fault`` for a missing or faulty file.
  public init(path: String) throws(Fault) {
    self.path = path
    file = try SafeTensorsFile(path: path)
    weights = SafeTensorsWeights(file: file)
    sha256 = SHA256.hexadecimal(of: file.file.bytes)
  }

  /// The free-form strings of the file.
  public var metadata: [String: String] { file.metadata }

  /// Lengths of the dimensions of a tensor, outermost first; nil when there is none of the name.
  public func shape(of name: String) -> [Int]? { file.entries[name]?.shape }

  /// Whether a tensor of this name exists.
  public func contains(_ name: String) -> Bool { weights.contains(name) }

  /// A matrix.
  /// - Throws: ``Fault`` when it is missing, of another shape or of a type not supported.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    try weights.matrix(name, outputs: outputs, inputs: inputs, layout: layout)
  }

  /// A vector.
  /// - Throws: as ``matrix(_:outputs:inputs:layout:)``.
  public func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    try weights.vector(name, count: count)
  }

  /// Gives back the memory of the pages of a tensor.
  public func releasePages(of name: String) { weights.releasePages(of: name) }

  /// Two modules are the same when their bytes are.
  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.sha256 == rhs.sha256 }
}
