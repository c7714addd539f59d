internal import CKernels

/// A weight matrix that is read in place, typically from a memory-mapped file.
public struct WeightMatrix: @unchecked Sendable {
  /// The order of the elements in memory.
  public enum Layout: Sendable {
    /// [outputs, inputs], as PyTorch's `Linear` and `Embedding` store it.
    case outputMajor
    /// [inputs, outputs], as GPT-2's `Conv1D` stores it.
    case inputMajor
  }

  /// The first element; no alignment is needed.
  public let bytes: UnsafeRawPointer
  /// The type of the elements.
  public let element: ElementType
  /// The size of the layer's result, or of the vocabulary of an embedding.
  public let outputs: Int
  /// The size of the layer's input, or of an embedding's rows.
  public let inputs: Int
  /// The order of the elements.
  public let layout: Layout
  private let owner: AnyObject
  /// The parameter that is viewed, if it is one.
  let parameter: Parameter?

  /// Views `bytes`, which `owner` keeps alive and unchanged.
  public init(
    bytes: UnsafeRawPointer, element: ElementType, outputs: Int, inputs: Int,
    layout: Layout = .outputMajor, owner: AnyObject
  ) {
    self.init(
      bytes: bytes, element: element, outputs: outputs, inputs: inputs, layout: layout,
      owner: owner, parameter: nil)
  }

  /// Views a parameter of two dimensions.
  public init(_ parameter: Parameter, layout: Layout = .outputMajor) {
    precondition(parameter.shape.count == 2, "a matrix has two dimensions")
    let (first, second) = (parameter.shape[0], parameter.shape[1])
    self.init(
      bytes: UnsafeRawPointer(parameter.storage.base), element: .float32,
      outputs: layout == .outputMajor ? first : second,
      inputs: layout == .outputMajor ? second : first, layout: layout, owner: parameter,
      parameter: parameter)
  }

  private init(
    bytes: UnsafeRawPointer, element: ElementType, outputs: Int, inputs: Int, layout: Layout,
    owner: AnyObject, parameter: Parameter?
  ) {
    precondition(outputs >= 0 && inputs >= 0, "a matrix' shape cannot be negative")
    self.bytes = bytes
    self.element = element
    self.outputs = outputs
    self.inputs = inputs
    self.layout = layout
    self.owner = owner
    self.parameter = parameter
  }

  /// Stores `values`, given in the order of `layout`, rounded to `element`.
  public init(
    _ values: [Float], outputs: Int, inputs: Int, element: ElementType = .float32,
    layout: Layout = .outputMajor
  ) {
    precondition(values.count == outputs * inputs, "the number of values must fit the shape")
    let copy = OwnedBytes(element.encoded(values))
    self.init(
      bytes: copy.base, element: element, outputs: outputs, inputs: inputs, layout: layout,
      owner: copy)
  }

  /// The size of the stored elements.
  public var byteCount: Int { outputs * inputs * element.byteCount }

  /// The weights of output `index`, widened.
  public func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < outputs, "row out of range")
    return withExtendedLifetime(owner) {
      (0..<inputs).map { input in
        let place = layout == .outputMajor ? index * inputs + input : input * outputs + index
        return element.widened(bytes, at: place)
      }
    }
  }

  /// The rows of outputs `ids`, widened: an embedding lookup.
  ///
  /// - Returns: [T, inputs] for T ids.
  public func gathered(rows ids: [Int32]) -> Tensor {
    precondition(layout == .outputMajor, "rows are gathered from an output-major matrix")
    precondition(ids.allSatisfy { $0 >= 0 && $0 < outputs }, "row out of range")
    let gathered = withExtendedLifetime(owner) {
      Tensor(rows: ids.count, columns: inputs) { memory in
        guard let y = memory.baseAddress else { return }
        tacit_gather(y, bytes, element.kernelElement, inputs, ids, ids.count)
      }
    }
    guard parameter != nil, let tape = Tape.following(nil, [parameter]) else { return gathered }
    let gradient = tape.gradient(of: parameter)
    return tape.record(gathered) { gradient?.scatter($0, to: ids) }
  }

  /// The same bytes as the matrix that maps outputs to inputs.
  public var transposed: WeightMatrix {
    WeightMatrix(
      bytes: bytes, element: element, outputs: inputs, inputs: outputs,
      layout: layout == .outputMajor ? .inputMajor : .outputMajor, owner: owner,
      parameter: parameter)
  }

  /// All stored elements, widened, in the order of memory.
  public func widened() -> Tensor {
    let whole = WeightMatrix(
      bytes: bytes, element: element,
      outputs: layout == .outputMajor ? outputs : inputs,
      inputs: layout == .outputMajor ? inputs : outputs, owner: owner)
    return whole.gathered(rows: (0..<Int32(whole.outputs)).map { $0 })
  }

  func withKernelMatrix<Result>(_ body: (tacit_matrix) -> Result) -> Result {
    withExtendedLifetime(owner) {
      body(
        tacit_matrix(
          data: bytes, output_major: layout == .outputMajor, element: element.kernelElement,
          outputs: outputs, inputs: inputs))
    }
  }
}

/// A bias or a norm's gain: small, so widened to Float32 once.
public struct WeightVector: @unchecked Sendable {
  /// The number of elements.
  public let count: Int
  /// The parameter that is viewed, if it is one.
  let parameter: Parameter?
  private let memory: TensorStorage

  /// Takes `values` as they are.
  public init(_ values: [Float]) {
    let memory = TensorStorage(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { memory.base.update(from: first, count: source.count) }
    }
    self.init(memory, count: values.count, parameter: nil)
  }

  /// Widens `count` elements at `bytes`; no alignment is needed.
  public init(bytes: UnsafeRawPointer, element: ElementType, count: Int) {
    self.init((0..<count).map { element.widened(bytes, at: $0) })
  }

  /// Views a parameter of one dimension.
  public init(_ parameter: Parameter) {
    precondition(parameter.shape.count == 1, "a vector has one dimension")
    self.init(parameter.storage, count: parameter.count, parameter: parameter)
  }

  private init(_ memory: TensorStorage, count: Int, parameter: Parameter?) {
    self.memory = memory
    self.count = count
    self.parameter = parameter
  }

  /// The elements.
  public var values: [Float] {
    withBase { Array(UnsafeBufferPointer(start: $0, count: count)) }
  }

  func withBase<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    withExtendedLifetime(memory) { body(memory.base) }
  }
}

/// A copy of bytes on the heap.
private final class OwnedBytes {
  let base: UnsafeRawPointer

  init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 64)
    copy.copyBytes(from: bytes)
    base = UnsafeRawPointer(copy.baseAddress.unsafelyUnwrapped)
  }

  deinit { base.deallocate() }
}
