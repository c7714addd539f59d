import TacitTensor

/// How keys and values of all layers lie in one page.
///
/// Per layer: keys [K, P, E], then values [K, P, E].
public struct PageLayout: Sendable, Equatable {
  /// Layers of the model, and runs of layers beyond the first that a page has room for.
  public internal(set) var layerCount: Int
  /// K: key/value heads.
  public let keyValueHeadCount: Int
  /// E: width of one head.
  public let headSize: Int
  /// How keys and values are kept: as they are, Float32, or rounded to Float16.
  public var element = ElementType.float32
  /// P: columns of one page.
  public static let columnCount = 16

  /// Elements of one column of one layer, keys and values together.
  public var columnStride: Int { 2 * keyValueHeadCount * headSize }
  /// Elements of one layer.
  var layerStride: Int { columnStride * Self.columnCount }
  /// Elements of one page.
  var elementCount: Int { layerStride * layerCount }
  /// Bytes of one page.
  var byteCount: Int { elementCount * element.byteCount }
}

/// Keys and values of up to P columns in all layers; shared until somebody writes.
final class KeyValuePage: @unchecked Sendable {
  let layout: PageLayout
  let base: UnsafeMutableRawPointer
  private let storage: TensorStorage

  private init(uninitialized layout: PageLayout) {
    self.layout = layout
    let floatSize = MemoryLayout<Float>.stride
    storage = TensorStorage(count: (layout.byteCount + floatSize - 1) / floatSize)
    base = UnsafeMutableRawPointer(storage.base)
  }

  convenience init(layout: PageLayout) {
    self.init(uninitialized: layout)
    // Columns that are not yet written are never read, but copies of a page read them.
    base.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
  }

  /// A copy with the same content.
  convenience init(copying page: KeyValuePage) {
    self.init(uninitialized: page.layout)
    base.copyMemory(from: page.base, byteCount: layout.byteCount)
  }

  /// Where an element of the page is.
  func address(of element: Int) -> UnsafeMutableRawPointer {
    base + element * layout.element.byteCount
  }

  /// A page of another number of layers: each of its layers is a copy of the one named.
  convenience init(_ page: KeyValuePage, layout: PageLayout, copying layers: [Int]) {
    self.init(uninitialized: layout)
    let bytes = layout.layerStride * layout.element.byteCount
    for (layer, source) in layers.enumerated() {
      (base + layer * bytes).copyMemory(from: page.base + source * bytes, byteCount: bytes)
    }
  }

  /// Copies one column of a layer to another column of any layer.
  func copyColumn(
    _ column: Int, layer: Int, from source: KeyValuePage, column sourceColumn: Int,
    layer sourceLayer: Int
  ) {
    let width = layout.headSize
    for head in 0..<2 * layout.keyValueHeadCount {
      let offset = head * PageLayout.columnCount * width
      address(of: layer * layout.layerStride + offset + column * width).copyMemory(
        from: source.address(of: sourceLayer * layout.layerStride + offset + sourceColumn * width),
        byteCount: width * layout.element.byteCount)
    }
  }

  /// Copies one column of another page into this one, in all layers and heads.
  func copyColumn(_ column: Int, from source: KeyValuePage, column sourceColumn: Int) {
    for layer in 0..<layout.layerCount {
      copyColumn(column, layer: layer, from: source, column: sourceColumn, layer: layer)
    }
  }
}

/// A page as one sample holds it: counted once however many of its memories share it, and counted
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
