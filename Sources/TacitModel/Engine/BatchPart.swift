import TacitTensor

/// The rows of one request that a batch reads.
struct BatchPart {
  let request: PendingRequest
  let wish: ForwardRequest
  let rowCount: Int
  /// Rows at the end of the part whose states are computed.
  let wantedCount: Int
  /// Whether anything that is wanted of these rows lies behind the final norm.
  let needsFinalNorm: Bool

  init(_ request: PendingRequest, _ wish: ForwardRequest, rowCount: Int) {
    self.request = request
    self.wish = wish
    self.rowCount = rowCount
    let chunk = request.served..<request.served + rowCount
    wantedCount =
      wish.wanted.overlaps(chunk)
      ? chunk.upperBound - max(wish.wanted.lowerBound, chunk.lowerBound) : 0
    needsFinalNorm =
      wantedCount > 0 && (wish.logits != nil || wish.states.contains { $0.tap == .finalNorm })
  }

  /// The rows to read.
  var rows: ArraySlice<InputRow> { wish.rows[request.served..<request.served + rowCount] }

  /// The part of `tail`, rows of the wanted tail, that a selection covers.
  func select(_ selection: Range<Int>, of tail: Range<Int>) -> Range<Int> {
    let end = request.served + rowCount
    let chosen = selection.clamped(to: end - wantedCount..<end)
    let offset = tail.upperBound - end
    return chosen.lowerBound + offset..<chosen.upperBound + offset
  }

  /// What the plan changes in these rows, which begin at these places of the pass and its tails.
  func edits(from start: Int, _ tailStart: Int) -> PassEdits.Part {
    PassEdits.Part(
      plan: wish.plan ?? .plain, readCount: wish.rows.count, firstRow: request.served,
      firstColumn: request.memory.count, all: start..<start + rowCount,
      tail: tailStart..<tailStart + wantedCount)
  }

  /// What is added to the scores of these rows; nil where they are causal.
  var scoreBias: Tensor? {
    wish.plan?.visibility.scoreBias(
      rowCount: rowCount, columns: request.memory.count + rowCount)
  }

  func deliver(_ states: Tensor, for tap: Tap) {
    guard states.rows > 0 else { return }
    let earlier = request.readout[tap]
    request.readout[tap] = earlier.map { Tensor.concatenated([$0, states]) } ?? states
  }

  /// Marks the rows as read and counts what they cost but for the head.
  func finish(_ configuration: ModelConfiguration) {
    let first = request.memory.count
    var counts = configuration.cost(
      ofRows: first..<first + rowCount, wanted: wantedCount, plan: wish.plan)
    counts.positions = rowCount
    counts.latentSteps = wish.countsThoughts ? rows.count { !$0.isToken } : 0
    request.memory.didAppend(rowCount)
    if !request.memory.repeatedRuns.isEmpty {
      request.memory.settleRepeatedRuns(
        ofLast: rowCount, read: wish.schedule.repeatedRuns(layerCount: configuration.layerCount))
    }
    request.served += rowCount
    counts.forwardPasses = request.remaining == 0 ? 1 : 0
    request.ledger.add(counts)
  }
}

extension ModelConfiguration {
  /// Arithmetic of the layers that run for rows at columns `columns`, the last `wanted` of which
  /// want states.
  ///
  /// The head is counted where it is computed.
  func cost(ofRows columns: Range<Int>, wanted: Int, plan: StackPlan? = nil) -> Counts {
    let width = Double(hiddenSize)
    let queryWidth = Double(headCount * headSize)
    let keyWidth = Double(keyValueHeadCount * headSize)
    let blocks = Double(family.rules.feedForwardMatrices)
    let keyValue = 2 * width * 2 * keyWidth
    let rest = 2 * (2 * width * queryWidth + blocks * width * Double(intermediateSize))
    var operations = 0.0
    func run(_ asking: Range<Int>, columnsSeen: Int) {
      operations += keyValue * Double(columns.count) + rest * Double(asking.count)
      operations += 4 * queryWidth * Double(columnsSeen)
    }
    guard let plan else {
      for layer in 0..<layerCount {
        let asking = layer == layerCount - 1 ? columns.suffix(wanted) : columns
        run(asking, columnsSeen: asking.columnsSeen(window: slidingWindows[layer]))
      }
      return Counts(floatingPointOperations: operations)
    }
    let steps = plan.schedule.steps(layerCount: layerCount)
    let lastRun = steps.lastIndex { $0.runs || plan.schedule.unread == .projected } ?? 0
    for (index, step) in steps.enumerated() {
      guard step.runs else {
        if plan.schedule.unread == .projected { operations += keyValue * Double(columns.count) }
        continue
      }
      let asking = index == lastRun ? columns.suffix(wanted) : columns
      let window = slidingWindows[step.layer]
      let seen = plan.visibility.columnsSeen(
        rowCount: columns.count, asking: asking.count, columns: columns.upperBound, window: window)
      run(asking, columnsSeen: seen ?? asking.columnsSeen(window: window))
    }
    return Counts(floatingPointOperations: operations)
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
