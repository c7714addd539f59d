import TacitFault
import TacitModel

extension ReasoningState {
  /// Lets rows that are fed from here on pass through the stack as a control says.
  ///
  /// What was fed before passes as it would have. Controls that were added earlier come first.
  public mutating func add(_ control: some StackControl) {
    dropAhead()
    pinWaitingRows()
    controls.append((control, readCount, stageName))
  }

  /// Takes back the control that was added last; rows that wait pass as it says.
  public mutating func removeLastControl() {
    pinWaitingRows()
    _ = controls.popLast()
    if controls.isEmpty { sequence.plan = .plain }
  }

  /// Forgets all rows but the first `count`; the next row continues after them.
  /// - Throws: `Fault` for more rows than there are.
  public mutating func crop(to count: Int) throws {
    dropAhead()
    guard (0...rowCount).contains(count) else {
      throw Fault(
        "a crop to \(count) rows", expected: "0 to \(rowCount), the rows that there are",
        found: "\(count)")
    }
    guard count < rowCount else { return }
    let surplus = rowCount - count
    let unread = min(surplus, waiting.count)
    waiting.removeLast(unread)
    runtime.retire(sequence.memory)
    try sequence.crop(to: count - waiting.count)
    rows.removeLast(min(surplus, rows.count))
    lastHidden = nil
    lastLogits = nil
  }

  /// Keeps the last `count` rows of the memory, with the positions they have.
  ///
  /// Rows that wait are read first, so that the memory is complete.
  /// - Parameters:
  ///   - count: Rows at most.
  ///   - restartsPositions: Whether the next row gets the position `count`, as if the rows kept
  ///     began at 0; else it continues as if nothing had been dropped.
  /// - Throws: as ``hidden()``.
  public mutating func keepTail(_ count: Int, restartsPositions: Bool = false) async throws {
    dropAhead()
    if rowCount > memoryCount { _ = try await hidden() }
    runtime.retire(sequence.memory)
    try await sequence.keepTail(count, restartsPositions: restartsPositions)
    if memoryCount == 0 { (lastHidden, lastLogits) = (nil, nil) }
  }

  /// Columns of key/value memory, without rows that wait.
  public var memoryCount: Int { sequence.memory.count - aheadCount }

  /// An empty sequence of a model, charged to the sample.
  public func sequence(of model: ReasoningModel) -> ModelSequence {
    sequence.sibling(on: model.network)
  }
}
