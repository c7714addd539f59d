import TacitTensor

/// The rows of one request that a batch reads.
struct BatchPart {
  let request: PendingRequest
  let rowCount: Int
  let rows: ArraySlice<InputRow>
  let positions: [Int32]
  let taps: Set<Tap>
  let countsThoughts: Bool
  let statesWanted: RowSelection
  let logitsWanted: RowSelection
  /// Rows at the end of the part whose states are computed.
  let wantedCount: Int

  init(_ request: PendingRequest, rowCount: Int) {
    guard case .read(let wish) = request.work else {
      preconditionFailure("only reading requests have rows")
    }
    self.request = request
    self.rowCount = rowCount
    rows = wish.rows[request.served..<request.served + rowCount]
    let first = request.session.nextPosition
    positions = (first..<first + rowCount).map { Int32($0) }
    taps = wish.taps
    countsThoughts = wish.countsThoughts
    // Only the last chunk of a request holds its last row.
    let isEnd = rowCount == request.remaining
    func within(_ selection: RowSelection) -> RowSelection {
      selection == .last && !isEnd ? .none : selection
    }
    statesWanted = taps.isEmpty ? .none : within(wish.states)
    logitsWanted = within(wish.logits)
    if statesWanted == .all || logitsWanted == .all {
      wantedCount = rowCount
    } else {
      wantedCount = statesWanted == .last || logitsWanted == .last ? 1 : 0
    }
  }

  var needsFinalNorm: Bool {
    logitsWanted != .none || (statesWanted != .none && taps.contains(.finalNorm))
  }

  /// The part of `wanted`, rows of the wanted tail, that a selection covers.
  func select(_ selection: RowSelection, of wanted: Range<Int>) -> Range<Int> {
    switch selection {
    case .none: wanted.upperBound..<wanted.upperBound
    case .last: wanted.upperBound - 1..<wanted.upperBound
    case .all: wanted
    }
  }

  func deliver(_ states: Tensor, for tap: Tap) {
    guard states.rows > 0 else { return }
    let earlier = request.result.states[tap]
    request.result.states[tap] = earlier.map { Tensor.concatenated([$0, states]) } ?? states
  }

  /// Marks the rows as read.
  func finish() {
    request.session.didAppend(rowCount)
    request.served += rowCount
    var counts = Counts()
    counts.forwardPasses = request.remaining == 0 ? 1 : 0
    counts.positions = rowCount
    counts.latentSteps = countsThoughts ? rows.count { !$0.isToken } : 0
    request.ledger.add(counts)
  }
}

extension ModelConfiguration {
  /// Arithmetic of the layers for rows at columns `columns`, the last `wanted` of which want states.
  ///
  /// The head is counted where it is computed.
  func cost(ofRows columns: Range<Int>, wanted: Int) -> Counts {
    let width = Double(hiddenSize)
    let queryWidth = Double(headCount * headSize)
    let keyWidth = Double(keyValueHeadCount * headSize)
    let blocks: Double = family == .gpt2 ? 2 : 3
    let keyValue = 2 * width * 2 * keyWidth
    let rest = 2 * (2 * width * queryWidth + blocks * width * Double(intermediateSize))
    func attention(_ rows: Range<Int>, window: Int?) -> Double {
      rows.reduce(0) { sum, column in
        sum + 4 * queryWidth * Double(min(column + 1, window ?? column + 1))
      }
    }
    var operations = 0.0
    for layer in 0..<layerCount {
      let isLast = layer == layerCount - 1
      let asking = isLast ? columns.suffix(wanted) : columns
      operations += keyValue * Double(columns.count) + rest * Double(asking.count)
      operations += attention(asking, window: slidingWindows[layer])
    }
    var counts = Counts()
    counts.floatingPointOperations = operations
    return counts
  }
}
