internal import CKernels

#if canImport(Glibc)
  import Glibc
#endif

/// What linear layers make of their inputs.
public enum ActivationPrecision: String, Sendable, CaseIterable {
  /// Float32, as they are.
  case exact
  /// Rounded as the weights are: to BFloat16, or to 8 bits in blocks of 32; faster for many rows.
  /// Engines then keep keys and values as Float16.
  case fast
}

/// Weights in the order in which products read them fastest.
final class PackedWeights: @unchecked Sendable {
  let packing: tacit_packing
  let outputs: Int
  let inputs: Int
  let byteCount: Int
  private let base: UnsafeMutableRawPointer

  /// Memory that `fill` writes the tiles to.
  init(
    _ packing: tacit_packing, outputs: Int, inputs: Int,
    fill: (UnsafeMutableRawPointer) -> Void
  ) {
    self.packing = packing
    self.outputs = outputs
    self.inputs = inputs
    byteCount = tacit_packed_size(packing, outputs, inputs)
    let hugePage = 2 << 20
    let alignment = byteCount < hugePage ? 64 : hugePage
    base = .allocate(byteCount: max(byteCount, 1), alignment: alignment)
    #if os(Linux)
      // Advice that the system does not take changes speed only.
      if alignment == hugePage { madvise(base, byteCount, MADV_HUGEPAGE) }
    #endif
    fill(base)
  }

  deinit { base.deallocate() }

  var kernelMatrix: tacit_packed {
    tacit_packed(data: base, packing: packing, outputs: outputs, inputs: inputs)
  }
}

extension WeightMatrix {
  /// Packs blocks of a file, output after output.
  ///
  /// - Parameters:
  ///   - blocks: The first block; read once, no alignment is needed.
  ///   - format: The format of the blocks.
  ///   - outputs: Outputs of the layer.
  ///   - inputs: Inputs of the layer, a multiple of 32.
  public init(blocks: UnsafeRawPointer, format: BlockFormat, outputs: Int, inputs: Int) {
    precondition(inputs % format.blockLength == 0, "blocks must divide the inputs")
    self.init(
      PackedWeights(format.packing, outputs: outputs, inputs: inputs) {
        tacit_pack_blocks($0, format.packing, blocks, outputs, inputs)
      }, activations: .exact)
  }

  private init(_ packed: PackedWeights, activations: ActivationPrecision) {
    self.init(
      bytes: UnsafeRawPointer(packed.kernelMatrix.data),
      storage: .blocks(packed, activations: activations), outputs: packed.outputs,
      inputs: packed.inputs, layout: .outputMajor, owner: packed, parameter: nil)
  }

  /// The format of the blocks; nil for plain elements.
  public var blockFormat: BlockFormat? {
    guard case .blocks(let packed, _) = storage else { return nil }
    return BlockFormat.allCases.first { $0.packing == packed.packing }
  }

  /// The size of the packed blocks or of the packed copy; 0 where nothing is packed.
  public var packedByteCount: Int {
    switch storage {
    case .elements(_, let packed): packed?.byteCount ?? 0
    case .blocks(let packed, _): packed.byteCount
    }
  }

  /// A copy rounded to blocks along the inputs as ggml's reference does; 32 divides the inputs.
  public func quantized(to format: BlockFormat) -> WeightMatrix {
    precondition(inputs % format.blockLength == 0, "blocks must divide the inputs")
    return WeightMatrix(packed(as: format.packing), activations: .exact)
  }

  /// The matrix whose products round activations if `precision` is fast.
  ///
  /// Blocks stay where they are. BFloat16 elements get a packed copy, in whose products subnormal
  /// numbers are zero. Elements of other types have no such product: the matrix stays exact.
  public func using(activations precision: ActivationPrecision) -> WeightMatrix {
    switch storage {
    case .blocks(let packed, _):
      precondition(layout == .outputMajor, "a product with the transposed matrix is exact")
      return WeightMatrix(packed, activations: precision)
    case .elements(.bfloat16, _):
      let copy = precision == .fast ? packed(as: TACIT_PACKED_BFLOAT16) : nil
      return WeightMatrix(
        bytes: bytes, storage: .elements(.bfloat16, packed: copy), outputs: outputs,
        inputs: inputs, layout: layout, owner: owner, parameter: nil)
    case .elements: return self
    }
  }

  private func packed(as packing: tacit_packing) -> PackedWeights {
    guard case .elements(let element, _) = storage else {
      preconditionFailure("blocks cannot be packed again")
    }
    return withExtendedLifetime(owner) {
      PackedWeights(packing, outputs: outputs, inputs: inputs) {
        tacit_pack(
          $0, packing,
          tacit_matrix(
            data: bytes, output_major: layout == .outputMajor, element: element.kernelElement,
            outputs: outputs, inputs: inputs))
      }
    }
  }
}
