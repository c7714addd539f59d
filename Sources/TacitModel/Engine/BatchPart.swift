import TacitTensor

/// The rows of one request that a batch reads.
struct BatchPart {
  let request: PendingRequest
  let wish: ForwardRequest
  let rowCount: Int
  let statesWanted: RowSelection
  let logitsWanted: RowSelection
  /// Rows at the end of the part whose states are computed.
  let wantedCount: Int

  init(_ request: PendingRequest, _ wish: ForwardRequest, rowCount: Int) {
    self.request = request
    self.wish = wish
    self.rowCount = rowCount
    // Only the last chunk of a request holds its last row.
    let isEnd = rowCount == request.remaining
    func within(_ selection: RowSelection) -> RowSelection {
      selection == .last && !isEnd ? .none : selection
    }
    statesWanted = wish.taps.isEmpty ? .none : within(wish.states)
    logitsWanted = within(wish.logits)
    if statesWanted == .all || logitsWanted == .all {
      wantedCount = rowCount
    } else {
      wantedCount = statesWanted == .last || logitsWanted == .last ? 1 : 0
    }
  }

  /// The rows to read.
  var rows: ArraySlice<InputRow> { wish.rows[request.served..<request.served + rowCount] }

  var needsFinalNorm: Bool {
    logitsWanted != .none || (statesWanted != .none && wish.taps.contains(.finalNorm))
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

  /// Marks the rows as read and counts what they cost but for the head.
  func finish(_ configuration: ModelConfiguration) {
    let first = request.session.count
    var counts = configuration.cost(ofRows: first..<first + rowCount, wanted: wantedCount)
    counts.positions = rowCount
    counts.latentSteps = wish.countsThoughts ? rows.count { !$0.isToken } : 0
    request.session.didAppend(rowCount)
    request.served += rowCount
    counts.forwardPasses = request.remaining == 0 ? 1 : 0
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
    var operations = 0.0
    for layer in 0..<layerCount {
      let asking = layer == layerCount - 1 ? columns.suffix(wanted) : columns
      operations += keyValue * Double(columns.count) + rest * Double(asking.count)
      operations += 4 * queryWidth * Double(asking.columnsSeen(window: slidingWindows[layer]))
    }
    var counts = Counts()
    counts.floatingPointOperations = operations
    return counts
  }

  /// Arithmetic of the head for some rows.
  func headCost(ofRows rowCount: Int) -> Counts {
    var counts = Counts()
    counts.headRows = rowCount
    counts.floatingPointOperations = 2 * Double(hiddenSize * vocabularySize) * Double(rowCount)
    return counts
  }
}

extension Range<Int> {
  /// The columns that rows at these columns see, all together.
  fileprivate func columnsSeen(window: Int?) -> Int {
    // Rows before `full` see all columns up to their own; later ones a whole window.
    let full = Swift.min(Swift.max(window ?? upperBound, lowerBound), upperBound)
    let growing = (lowerBound + 1 + full) * (full - lowerBound) / 2
    return growing + (upperBound - full) * (window ?? 0)
  }
}
