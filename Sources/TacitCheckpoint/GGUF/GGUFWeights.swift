import TacitFault
import TacitTensor

/// The weights of a GGUF file under the names of Hugging Face: plain elements in place, blocks
/// packed where products on them exist, else written out as Float32.
struct GGUFWeights: WeightFiles {
  private let gguf: GGUFFile
  private let names: TensorNames
  /// Numbers of query and of key heads whose rows the file orders otherwise; nil where it does not.
  private let interleavedHeads: (query: Int, key: Int)?

  /// The weights of `gguf`, found by `names`; `interleavedHeads` are the numbers of query and of
  /// key heads where a head's rows come from its two halves in turn.
  init(_ gguf: GGUFFile, names: TensorNames, interleavedHeads: (query: Int, key: Int)?) {
    self.gguf = gguf
    self.names = names
    self.interleavedHeads = interleavedHeads
  }

  var byteCount: Int { gguf.file.bytes.count }

  func contains(_ name: String) -> Bool { found(name) != nil }

  func releasePages(of name: String) {
    if let entry = found(name) { gguf.file.releasePages(of: entry.byteRange) }
  }

  private func found(_ name: String) -> GGUFFile.Entry? {
    names.ggufName(of: name).flatMap { gguf.entries[$0] }
  }

  /// The matrix, output-major whatever the layout of the family is elsewhere.
  func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    let entry = try entry(name, shape: [inputs, outputs])
    let rows = try rows(of: entry, name, count: outputs)
    if let stored = entry.type.storedBlocks {
      let decoded = DecodedRows(rows.base, stored, count: outputs * inputs)
      gguf.file.releasePages(of: entry.byteRange)
      return WeightMatrix(
        bytes: decoded.base, element: .float32, outputs: outputs, inputs: inputs, owner: decoded)
    }
    guard let format = entry.type.blockFormat else {
      return WeightMatrix(
        bytes: rows.base, element: try element(of: entry, name), outputs: outputs,
        inputs: inputs, owner: rows.owner)
    }
    let matrix = withExtendedLifetime(rows.owner) {
      WeightMatrix(blocks: rows.base, format: format, outputs: outputs, inputs: inputs)
    }
    gguf.file.releasePages(of: entry.byteRange)
    return matrix
  }

  func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    let entry = try entry(name, shape: [count])
    let element = try element(of: entry, name)
    let rows = try rows(of: entry, name, count: count)
    return withExtendedLifetime(rows.owner) {
      WeightVector(bytes: rows.base, element: element, count: count)
    }
  }

  private func entry(
    _ name: String, shape: [Int]
  ) throws(Fault) -> GGUFFile.Entry {
    guard let entry = found(name) else {
      throw fault(
        name, "shape \(shape)", "no such tensor", hint: "the file is incomplete or of another kind")
    }
    guard entry.shape == shape else { throw fault(name, "shape \(shape)", "\(entry.shape)") }
    return entry
  }

  private func element(
    of entry: GGUFFile.Entry, _ name: String
  ) throws(Fault) -> ElementType {
    guard let element = entry.type.element else {
      throw fault(
        name, GGUFType.readable, entry.type.name, hint: "quantise the model to one of these types")
    }
    return element
  }

  /// The rows of a tensor: the file's bytes, or a copy in the order of Hugging Face.
  private func rows(
    of entry: GGUFFile.Entry, _ name: String, count: Int
  ) throws(Fault) -> (base: UnsafeRawPointer, owner: AnyObject) {
    guard let start = gguf.file.bytes.baseAddress, !entry.byteRange.isEmpty else {
      throw fault(name, GGUFType.readable, entry.type.name)
    }
    let base = start + entry.byteRange.lowerBound
    guard let heads = headCount(name) else { return (base, gguf.file) }
    guard heads > 0, count % (2 * heads) == 0 else {
      throw fault(name, "an even number of rows for each of \(heads) heads", "\(count)")
    }
    let copy = OrderedRows(base, byteCount: entry.byteRange.count, rows: count, heads: heads)
    return (copy.base, copy)
  }

  /// Heads of a query or key projection whose rows are to be reordered.
  private func headCount(_ name: String) -> Int? {
    guard let interleavedHeads, let name = names.ggufName(of: name) else { return nil }
    if name.contains(".attn_q.") { return interleavedHeads.query }
    return name.contains(".attn_k.") ? interleavedHeads.key : nil
  }

  private func fault(
    _ name: String, _ expected: String, _ found: String, hint: String? = nil
  ) -> Fault {
    Fault(
      gguf.file.path, "tensor '\(names.ggufName(of: name) ?? name)'", expected: expected,
      found: found, hint: hint)
  }
}

/// Weights of blocks, written out.
private final class DecodedRows {
  let base: UnsafeRawPointer

  init(_ source: UnsafeRawPointer, _ blocks: StoredBlocks, count: Int) {
    let copy = UnsafeMutablePointer<Float>.allocate(capacity: count)
    blocks.decode(source, count: count / blocks.length, into: copy)
    base = UnsafeRawPointer(copy)
  }

  deinit { base.deallocate() }
}

/// A copy of rows whose heads hold first all even, then all odd rows of the original.
private final class OrderedRows {
  let base: UnsafeRawPointer

  init(_ source: UnsafeRawPointer, byteCount: Int, rows: Int, heads: Int) {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    let (rowSize, headSize) = (byteCount / rows, rows / heads)
    for row in 0..<rows {
      let (head, place) = row.quotientAndRemainder(dividingBy: headSize)
      let (half, pair) = place.quotientAndRemainder(dividingBy: headSize / 2)
      let origin = head * headSize + 2 * pair + half
      (copy + row * rowSize).copyMemory(from: source + origin * rowSize, byteCount: rowSize)
    }
    base = UnsafeRawPointer(copy)
  }

  deinit { base.deallocate() }
}
