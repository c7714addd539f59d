import TacitCheckpoint
import TacitFault
import TacitTensor

/// The weights of a model as parameters, made when the model first asks for them.
///
/// Keep to one store for each model: it is not for several threads at a time.
public final class ParameterStore: WeightSource {
  /// The elements that a parameter starts with, given its name and its shape in memory.
  public typealias InitialValues = (_ name: String, _ shape: [Int]) throws(Fault) ->
    [Float]

  /// Every parameter, in the order in which the model asked for it.
  public private(set) var parameters: [Parameter] = []
  private var byName: [String: Parameter] = [:]
  private let exists: (String) -> Bool
  private let areApart: (_ second: String, _ first: String) -> Bool
  private let initialValues: InitialValues

  /// Parameters that start with values of the caller's choice; there is one of every name.
  public init(initialValues: @escaping InitialValues) {
    exists = { _ in true }
    areApart = { _, _ in false }
    self.initialValues = initialValues
  }

  /// Parameters that start as the weights of a checkpoint, widened to Float32.
  public init(copying checkpoint: Checkpoint) {
    exists = checkpoint.contains
    areApart = { checkpoint.holds($0, apartFrom: $1) }
    initialValues = { (name, shape) throws(Fault) in
      shape.count == 1
        ? try checkpoint.vector(name, count: shape[0]).values
        : try checkpoint.matrix(name, outputs: shape[0], inputs: shape[1]).widened().values
    }
  }

  /// Whether a parameter of this name can be made.
  public func contains(_ name: String) -> Bool { exists(name) }

  /// Whether the checkpoint has a second matrix that is not the first one stored twice.
  public func holds(_ second: String, apartFrom first: String) -> Bool { areApart(second, first) }

  /// A matrix over a parameter.
  /// - Throws: what the initial values throw.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    let shape = layout == .outputMajor ? [outputs, inputs] : [inputs, outputs]
    return WeightMatrix(try parameter(name, shape: shape), layout: layout)
  }

  /// A vector over a parameter.
  /// - Throws: what the initial values throw.
  public func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    WeightVector(try parameter(name, shape: [count]))
  }

  private func parameter(_ name: String, shape: [Int]) throws(Fault) -> Parameter {
    if let known = byName[name] {
      precondition(known.shape == shape, "'\(name)' is wanted in two shapes")
      return known
    }
    let parameter = Parameter(name, shape: shape, values: try initialValues(name, shape))
    byName[name] = parameter
    parameters.append(parameter)
    return parameter
  }
}
