import TacitTensor

/// Keys and values that one pass computed, [T, K·E] each.
final class RecordedPass: @unchecked Sendable {
  /// By layer, then by run.
  private var columns: [[(key: Tensor, value: Tensor)]]

  init(layerCount: Int) { columns = Array(repeating: [], count: layerCount) }

  func append(_ key: Tensor, _ value: Tensor, layer: Int) { columns[layer].append((key, value)) }

  /// Those of a run; where the pass had fewer, of its last one.
  func columns(layer: Int, repetition: Int) -> (key: Tensor, value: Tensor) {
    columns[layer][min(repetition, columns[layer].count - 1)]
  }
}

/// The memory of one sequence as recorded tensors, a value: assigning it forks it.
///
/// It refers to rows of the passes that read them, so that forks share their past and gradients of
/// all of them add up there.
public struct RecordedSession: Sendable {
  /// Rows of one pass that follow one another.
  struct Stretch: Sendable {
    let pass: RecordedPass
    var rows: Range<Int>
  }

  private(set) var stretches: [Stretch] = []
  /// Position that the next row gets.
  public private(set) var nextPosition = 0

  /// An empty memory.
  public init() {}

  /// The columns of a paged memory as constants.
  init(_ memory: KeyValueMemory, configuration: ModelConfiguration) {
    let pass = RecordedPass(layerCount: configuration.layerCount)
    for layer in 0..<configuration.layerCount {
      pass.append(
        memory.rows(layer: layer, half: 0), memory.rows(layer: layer, half: 1), layer: layer)
    }
    for (index, run) in memory.repeatedRuns.enumerated() {
      let slot = configuration.layerCount + index
      pass.append(
        memory.rows(layer: slot, half: 0), memory.rows(layer: slot, half: 1), layer: run.layer)
    }
    append(Stretch(pass: pass, rows: 0..<memory.count))
    nextPosition = memory.nextPosition
  }

  /// Columns held.
  public var count: Int { stretches.reduce(0) { $0 + $1.rows.count } }

  /// Keeps the first `count` columns; the next row continues after the last one kept.
  public mutating func crop(to count: Int) {
    precondition((0...self.count).contains(count), "crop to \(count) of \(self.count) columns")
    nextPosition -= self.count - count
    var left = count
    stretches = stretches.compactMap { stretch in
      let kept = min(left, stretch.rows.count)
      left -= kept
      let start = stretch.rows.lowerBound
      return kept > 0 ? Stretch(pass: stretch.pass, rows: start..<start + kept) : nil
    }
  }

  mutating func append(_ stretch: Stretch) {
    nextPosition += stretch.rows.count
    if !stretch.rows.isEmpty { stretches.append(stretch) }
  }
}

extension KeyValueMemory {
  /// Keys (half 0) or values (half 1) of all columns, [count, K·E].
  fileprivate func rows(layer: Int, half: Int) -> Tensor {
    let (heads, width) = (layout.keyValueHeadCount, layout.headSize)
    return Tensor(rows: count, columns: heads * width) { memory in
      guard let target = memory.baseAddress else { return }
      for column in 0..<count {
        let (page, offset) = place(column)
        let start = layer * layout.layerStride + half * layout.layerStride / 2
        for head in 0..<heads {
          layout.element.widen(
            pages[page].page.address(
              of: start + (head * PageLayout.columnCount + offset) * width),
            count: width, to: target + (column * heads + head) * width)
        }
      }
    }
  }
}
