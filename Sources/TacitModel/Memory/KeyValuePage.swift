import TacitTensor

/// How keys and values of all layers lie in one page.
///
/// Per layer: keys [K, P, E], then values [K, P, E], Float32.
public struct PageLayout: Sendable, Equatable {
  /// Layers of the model.
  public let layerCount: Int
  /// K: key/value heads.
  public let keyValueHeadCount: Int
  /// E: width of one head.
  public let headSize: Int
  /// P: columns of one page.
  public static let columnCount = 16

  /// Floats of one column of one layer, keys and values together.
  var columnStride: Int { 2 * keyValueHeadCount * headSize }
  /// Floats of one layer.
  var layerStride: Int { columnStride * Self.columnCount }
  /// Floats of one page.
  var elementCount: Int { layerStride * layerCount }
  /// Bytes of one page.
  var byteCount: Int { elementCount * MemoryLayout<Float>.stride }
}

/// Keys and values of up to P columns in all layers; shared until somebody writes.
final class KeyValuePage: @unchecked Sendable {
  let layout: PageLayout
  let base: UnsafeMutablePointer<Float>
  private let storage: TensorStorage

  init(layout: PageLayout) {
    self.layout = layout
    storage = TensorStorage(count: layout.elementCount)
    base = storage.base
    // Columns that are not yet written are never read, but copies of a page read them.
    base.update(repeating: 0, count: layout.elementCount)
  }

  /// A copy with the same content.
  init(copying page: KeyValuePage) {
    layout = page.layout
    storage = TensorStorage(count: layout.elementCount)
    base = storage.base
    base.update(from: page.base, count: layout.elementCount)
  }

  /// Start of a layer: keys, then values.
  func layer(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * layout.layerStride }

  /// Copies one column of another page into this one, in all layers and heads.
  func copyColumn(_ column: Int, from source: KeyValuePage, column sourceColumn: Int) {
    let width = layout.headSize
    for block in 0..<layout.layerCount * 2 * layout.keyValueHeadCount {
      let start = block * PageLayout.columnCount * width
      (base + start + column * width).update(
        from: source.base + start + sourceColumn * width, count: width)
    }
  }
}

/// A page as one sample holds it: counted once however many of its sessions share it, and counted
/// in full even where samples share the bytes, so that costs do not depend on others.
final class HeldPage: @unchecked Sendable {
  private(set) var page: KeyValuePage
  private let meter: MemoryMeter

  init(_ page: KeyValuePage, meter: MemoryMeter) {
    self.page = page
    self.meter = meter
    meter.add(page.layout.byteCount)
  }

  deinit { meter.remove(page.layout.byteCount) }

  /// Makes the page this holder's own.
  func makeWritable() {
    if !isKnownUniquelyReferenced(&page) { page = KeyValuePage(copying: page) }
  }
}
