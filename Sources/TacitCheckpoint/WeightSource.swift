import TacitFault
import TacitTensor

/// Where a model finds its weights by the names of a checkpoint.
public protocol WeightSource {
  /// Whether there is a weight of this name.
  func contains(_ name: String) -> Bool

  /// Whether there is a second matrix that is not the first one stored twice.
  func holds(_ second: String, apartFrom first: String) -> Bool

  /// A matrix, used in place.
  /// - Throws: ``Fault`` when it is missing or of another shape or type.
  func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix

  /// A vector of gains or biases.
  /// - Throws: ``Fault`` as for a matrix.
  func vector(_ name: String, count: Int) throws(Fault) -> WeightVector

  /// Gives back the memory of a weight that was packed; it is read again where it is needed.
  func releasePages(of name: String)
}

extension WeightSource {
  /// No: most sources make what is asked for.
  public func holds(_ second: String, apartFrom first: String) -> Bool { false }

  /// Nothing: most sources cannot read a weight again.
  public func releasePages(of name: String) {}

  /// A matrix that is stored as PyTorch's `Linear` and `Embedding` store it.
  /// - Throws: as ``matrix(_:outputs:inputs:layout:)``.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int
  ) throws(Fault) -> WeightMatrix {
    try matrix(name, outputs: outputs, inputs: inputs, layout: .outputMajor)
  }
}
