/// The key/value memory of one sequence, a value: assigning it forks it.
///
/// Copies share their pages until one of them is written (copy on write), so a fork costs a
/// pointer per page. Every column keeps the position with which it was computed; no operation
/// here rotates keys anew.
public struct KeyValueMemory: Sendable {
  var layout: PageLayout
  let meter: MemoryMeter
  var pages: [HeldPage] = []
  /// Runs of layers beyond the first of each, whose keys and values lie behind those of all layers.
  var repeatedRuns: [RepeatedRun] = []
  /// Column of the first page at which the memory starts.
  private(set) var firstColumn = 0
  /// Position of every column, in order.
  public private(set) var positions: [Int32] = []
  /// Position that the next row gets.
  ///
  /// One past the last column's, unless columns were dropped before it.
  public internal(set) var nextPosition: Int = 0

  /// An empty memory whose bytes are counted by `meter`.
  init(layout: PageLayout, meter: MemoryMeter) {
    self.layout = layout
    self.meter = meter
  }

  /// Columns held.
  public var count: Int { positions.count }

  /// Bytes of the pages that this memory refers to, shared or not.
  public var byteCount: Int { pages.count * layout.byteCount }

  /// Whether whole pages are given back where only the first `count` columns are kept.
  public func givesBackPages(croppedTo count: Int) -> Bool { pagesNeeded(for: count) < pages.count }

  /// Keeps the first `count` columns; the next row continues after the last one kept.
  mutating func crop(to count: Int) {
    precondition((0...self.count).contains(count), "crop to \(count) of \(self.count) columns")
    positions.removeLast(self.count - count)
    let pageCount = pagesNeeded(for: count)
    pages.removeLast(pages.count - pageCount)
    if count == 0 { firstColumn = 0 }
    nextPosition = positions.last.map { Int($0) + 1 } ?? 0
  }

  /// Keeps the last `count` columns with the positions they have; the next row continues as if
  /// nothing had been dropped.
  mutating func keepTail(_ count: Int) {
    precondition((0...self.count).contains(count), "keep \(count) of \(self.count) columns")
    let next = nextPosition
    let dropped = self.count - count
    positions.removeFirst(dropped)
    if count == 0 {
      pages = []
      firstColumn = 0
    } else {
      let start = firstColumn + dropped
      pages.removeFirst(start / PageLayout.columnCount)
      firstColumn = start % PageLayout.columnCount
    }
    nextPosition = next
  }

  /// Adds the columns of another memory after this one's, with the positions they have.
  ///
  /// Attention sees them in this order. The next row continues after the highest position of
  /// both. The models must be the same.
  mutating func append(_ other: KeyValueMemory) {
    var other = other
    if other.repeatedRuns != repeatedRuns {
      if repeatedRuns.isEmpty {
        arrange(for: other.repeatedRuns)
      } else {
        other.arrange(for: repeatedRuns)
      }
    }
    precondition(layout == other.layout, "memories of different models")
    let next = max(nextPosition, other.nextPosition)
    let start = count
    makeRoom(for: other.count)
    for column in 0..<other.count {
      let (page, offset) = place(start + column)
      let (source, sourceOffset) = other.place(column)
      pages[page].page.copyColumn(
        offset, from: other.pages[source].page, column: sourceOffset)
    }
    positions.append(contentsOf: other.positions)
    nextPosition = next
  }

  /// Page and column within it of a column of this memory.
  func place(_ column: Int) -> (page: Int, column: Int) {
    let absolute = firstColumn + column
    return (absolute / PageLayout.columnCount, absolute % PageLayout.columnCount)
  }

  /// Makes every page that the next `columns` columns touch exist and belong to this memory
  /// alone.
  mutating func makeRoom(for columns: Int) {
    guard columns > 0 else { return }
    let firstWritten = (firstColumn + count) / PageLayout.columnCount
    if firstWritten < pages.count {
      if !isKnownUniquelyReferenced(&pages[firstWritten]) {
        pages[firstWritten] = HeldPage(
          KeyValuePage(copying: pages[firstWritten].page), meter: meter)
      }
      pages[firstWritten].makeWritable()
    }
    for _ in pages.count..<pagesNeeded(for: count + columns) {
      pages.append(HeldPage(KeyValuePage(layout: layout), meter: meter))
    }
  }

  /// Adds a full page whose columns continue this memory; only at a page's boundary.
  mutating func share(_ page: KeyValuePage) {
    precondition(firstColumn == 0 && count == pages.count * PageLayout.columnCount)
    pages.append(HeldPage(page, meter: meter))
    didAppend(PageLayout.columnCount)
  }

  /// Takes note of columns whose keys and values have been written after ``makeRoom(for:)``.
  mutating func didAppend(_ columns: Int) {
    for _ in 0..<columns {
      positions.append(Int32(nextPosition))
      nextPosition += 1
    }
  }

  private func pagesNeeded(for count: Int) -> Int {
    guard count > 0 else { return 0 }
    return (firstColumn + count - 1) / PageLayout.columnCount + 1
  }
}
