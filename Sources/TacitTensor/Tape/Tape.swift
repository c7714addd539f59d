/// Follows operations while it records, and computes gradients from them in reverse order.
///
/// Outside ``recording(_:)`` operations compute the same bits and leave no trace. One thread
/// records on a tape at a time; several tapes may record at once, each on its own thread.
public final class Tape: @unchecked Sendable {
  @TaskLocal private static var inForce: Tape?

  /// Identifies one recording; nodes of another one are foreign.
  final class Recording {}

  private let parameterGradients: ParameterGradients?
  private var recording = Recording()
  private var nodes: [TapeNode] = []

  /// Makes an empty tape.
  /// - Parameter gradients: Where gradients of its parameters are added; all other parameters are
  ///   constants.
  public init(addingTo gradients: ParameterGradients? = nil) { parameterGradients = gradients }

  deinit { clear() }

  /// Runs `body` and follows its operations on watched tensors, on parameters and on results of
  /// those.
  public func recording<Result>(_ body: () throws -> Result) rethrows -> Result {
    precondition(Self.inForce == nil, "another tape is recording")
    return try Self.$inForce.withValue(self, operation: body)
  }

  /// The same tensor as one whose gradient is wanted.
  public func watching(_ tensor: Tensor) -> Tensor {
    precondition(tensor.node == nil, "the tensor is recorded already")
    var tensor = tensor
    tensor.node = TapeNode(recording, backward: nil)
    return tensor
  }

  /// Goes back from the sum of `output` · `cotangent` over all elements, and ends the recording.
  ///
  /// Gradients of parameters are added to; those of watched tensors are then known. What was
  /// recorded is released on the way.
  public func backward(from output: Tensor, cotangent: Tensor) {
    precondition(Self.inForce == nil, "gradients are computed after the recording")
    precondition(output.node?.recording === recording, "the output is not on this tape")
    precondition(output.hasShape(of: cotangent), "the cotangent must have the output's shape")
    output.node?.add(cotangent.detached)
    for node in nodes.reversed() { node.goBack() }
    clear()
  }

  /// Goes back from a single number.
  public func backward(from loss: Tensor) {
    precondition(loss.count == 1, "a loss is one number")
    backward(from: loss, cotangent: Tensor([[1]]))
  }

  /// What ``backward(from:cotangent:)`` found for a tensor made by ``watching(_:)``.
  public func gradient(of tensor: Tensor) -> Tensor {
    precondition(tensor.node?.isLeaf == true, "only watched tensors keep their gradients")
    return tensor.node?.gradient ?? Tensor(zeros: tensor.rows, columns: tensor.columns)
  }

  /// The recording tape if one of two inputs is tracked: the one branch that inference pays.
  static func following(_ first: TapeNode?, _ second: TapeNode? = nil) -> Tape? {
    guard first != nil || second != nil, let tape = inForce else { return nil }
    tape.check(first)
    tape.check(second)
    return tape
  }

  /// The recording tape if one of several inputs is tracked.
  static func following(_ nodes: [TapeNode?]) -> Tape? {
    guard nodes.contains(where: { $0 != nil }), let tape = inForce else { return nil }
    for node in nodes { tape.check(node) }
    return tape
  }

  /// The recording tape if an input or a parameter is tracked.
  static func following(_ input: TapeNode?, _ parameters: [Parameter?]) -> Tape? {
    guard let tape = inForce else { return nil }
    tape.check(input)
    return input != nil || parameters.contains { tape.gradient(of: $0) != nil } ? tape : nil
  }

  /// Where the gradient of a parameter is added; nil where it is a constant.
  func gradient(of parameter: Parameter?) -> GradientMemory? {
    parameter.flatMap { parameterGradients?[$0] }
  }

  /// Makes `result` a result whose gradient `backward` passes on to the inputs.
  func record(_ result: Tensor, backward: @escaping (Tensor) -> Void) -> Tensor {
    var result = result
    let node = TapeNode(recording, backward: backward)
    result.node = node
    nodes.append(node)
    return result
  }

  private func check(_ node: TapeNode?) {
    precondition(
      node == nil || node?.recording === recording,
      "a tensor of another recording: take its `detached`")
  }

  /// Latest first, so that no chain of nodes is released recursively.
  private func clear() {
    for node in nodes.reversed() { node.release() }
    nodes.removeAll(keepingCapacity: true)
    recording = Recording()
  }
}

/// A tensor on a tape: its gradient so far, and how it goes on to the inputs.
final class TapeNode {
  let recording: Tape.Recording
  let isLeaf: Bool
  private(set) var gradient: Tensor?
  private var backward: ((Tensor) -> Void)?

  init(_ recording: Tape.Recording, backward: ((Tensor) -> Void)?) {
    self.recording = recording
    self.backward = backward
    isLeaf = backward == nil
  }

  /// Adds scale · `part` to the gradient.
  func add(_ part: Tensor, scale: Float = 1) {
    guard var sum = gradient else {
      gradient = scale == 1 ? part : part.scaled(by: scale)
      return
    }
    gradient = nil
    sum.add(part, scale: scale)
    gradient = sum
  }

  /// The gradient of a [rows, columns] tensor to be added to in place, until it is used otherwise.
  func memory(rows: Int, columns: Int) -> GradientMemory {
    var sum = gradient ?? Tensor(zeros: rows, columns: columns)
    gradient = nil
    let base = sum.withUnsafeMutableBufferPointer { $0.baseAddress.unsafelyUnwrapped }
    gradient = sum
    return GradientMemory(base: base, columns: columns)
  }

  fileprivate func goBack() {
    guard let gradient else { return }
    self.gradient = nil
    backward?(gradient)
    backward = nil
  }

  fileprivate func release() {
    gradient = nil
    backward = nil
  }
}
