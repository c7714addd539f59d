internal import CKernels

/// A weight matrix: elements read in place, typically from a memory-mapped file, or packed blocks.
public struct WeightMatrix: @unchecked Sendable {
  /// The order of the elements in memory.
  public enum Layout: Sendable {
    /// [outputs, inputs], as PyTorch's `Linear` and `Embedding` store it.
    case outputMajor
    /// [inputs, outputs], as GPT-2's `Conv1D` stores it.
    case inputMajor
  }

  enum Storage {
    /// Elements in the order of `layout`, and what products read that round activations.
    case elements(ElementType, packed: PackedWeights?)
    /// Blocks, always in the order of outputs: of the transposed matrix where `layout` is
    /// input-major.
    case blocks(PackedWeights, activations: ActivationPrecision)
  }

  /// The first element, which needs no alignment, or the first tile of packed blocks.
  let bytes: UnsafeRawPointer
  let storage: Storage
  /// The size of the layer's result, or of the vocabulary of an embedding.
  public let outputs: Int
  /// The size of the layer's input, or of an embedding's rows.
  public let inputs: Int
  /// The order of the elements.
  public let layout: Layout
  let owner: AnyObject
  /// The parameter that is viewed, if it is one.
  let parameter: Parameter?

  /// Views `bytes`, which `owner` keeps alive and unchanged.
  public init(
    bytes: UnsafeRawPointer, element: ElementType, outputs: Int, inputs: Int,
    layout: Layout = .outputMajor, owner: AnyObject
  ) {
    self.init(
      bytes: bytes, storage: .elements(element, packed: nil), outputs: outputs, inputs: inputs,
      layout: layout, owner: owner, parameter: nil)
  }

  /// Views a parameter of two dimensions.
  public init(_ parameter: Parameter, layout: Layout = .outputMajor) {
    precondition(parameter.shape.count == 2, "a matrix has two dimensions")
    let (first, second) = (parameter.shape[0], parameter.shape[1])
    self.init(
      bytes: UnsafeRawPointer(parameter.storage.base),
      storage: .elements(.float32, packed: nil), outputs: layout == .outputMajor ? first : second,
      inputs: layout == .outputMajor ? second : first, layout: layout, owner: parameter,
      parameter: parameter)
  }

  init(
    bytes: UnsafeRawPointer, storage: Storage, outputs: Int, inputs: Int, layout: Layout,
    owner: AnyObject, parameter: Parameter?
  ) {
    precondition(outputs >= 0 && inputs >= 0, "a matrix' shape cannot be negative")
    self.bytes = bytes
    self.storage = storage
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

  /// The size of what is stored, packed copies included.
  public var byteCount: Int {
    switch storage {
    case .elements(let element, _): outputs * inputs * element.byteCount + packedByteCount
    case .blocks: packedByteCount
    }
  }

  /// The weights of output `index`, widened.
  public func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < outputs, "row out of range")
    guard layout == .inputMajor else { return gathered(rows: [Int32(index)])[0] }
    return (0..<inputs).map { transposed.row($0)[index] }
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
        switch storage {
        case .elements(let element, _):
          tacit_gather(y, bytes, element.kernelElement, inputs, ids, ids.count)
        case .blocks(let packed, _):
          tacit_packed_gather(y, packed.kernelMatrix, ids, ids.count)
        }
      }
    }
    guard parameter != nil, let tape = Tape.following(nil, [parameter]) else { return gathered }
    let gradient = tape.gradient(of: parameter)
    return tape.record(gathered) { gradient?.scatter($0, to: ids) }
  }

  /// The same bytes as the matrix that maps outputs to inputs; its products are exact.
  public var transposed: WeightMatrix {
    var storage = storage
    if case .elements(let element, _) = storage { storage = .elements(element, packed: nil) }
    return WeightMatrix(
      bytes: bytes, storage: storage, outputs: inputs, inputs: outputs,
      layout: layout == .outputMajor ? .inputMajor : .outputMajor, owner: owner,
      parameter: parameter)
  }

  /// All stored elements, widened, in the order of memory.
  public func widened() -> Tensor {
    let whole = WeightMatrix(
      bytes: bytes, storage: storage,
      outputs: layout == .outputMajor ? outputs : inputs,
      inputs: layout == .outputMajor ? inputs : outputs, layout: .outputMajor, owner: owner,
      parameter: nil)
    return whole.gathered(rows: (0..<Int32(whole.outputs)).map { $0 })
  }

  /// y[rows, outputs] = x[rows, inputs] · Wᵀ + bias.
  func multiply(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int,
    bias: UnsafePointer<Float>?
  ) {
    withExtendedLifetime(owner) {
      switch storage {
      case .elements(_, let packed?):
        tacit_packed_rounded_linear(y, x, rows, packed.kernelMatrix, bias)
      case .elements(let element, nil):
        let matrix = tacit_matrix(
          data: bytes, output_major: layout == .outputMajor, element: element.kernelElement,
          outputs: outputs, inputs: inputs)
        tacit_linear(y, x, rows, matrix, bias)
      case .blocks(let packed, _) where layout == .inputMajor:
        tacit_packed_mix(y, x, rows, packed.kernelMatrix, bias)
      case .blocks(let packed, .exact):
        tacit_packed_linear(y, x, rows, packed.kernelMatrix, bias)
      case .blocks(let packed, .fast):
        tacit_packed_rounded_linear(y, x, rows, packed.kernelMatrix, bias)
      }
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
