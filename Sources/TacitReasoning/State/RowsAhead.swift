import TacitModel
import TacitTensor

/// Tokens that the model has read behind a state's rows and that may come to be fed.
struct RowsAhead: Sendable {
  /// Those that have not been fed yet, in order.
  var tokenIDs: ArraySlice<Int>
  /// What the model computed of the row before the first token and of every token.
  let readout: Readout

  /// State and logits of the row after which the tokens that are left follow.
  var last: (hidden: [Float]?, logits: [Float]?) {
    (readout[.finalNorm]?[tokenIDs.startIndex], readout.logits?[tokenIDs.startIndex])
  }
}

extension ReasoningState {
  /// Tokens that were read ahead and have not been fed yet.
  public var aheadCount: Int { ahead?.tokenIDs.count ?? 0 }

  /// Reads the rows that wait and, in the same pass, tokens that may follow them.
  ///
  /// The tokens are no rows of this state until they are fed or emitted: then nothing is left to be
  /// read, and state and logits after them are at hand. With the first row that is another one the
  /// rest is forgotten. So nothing that the state says depends on what was read ahead, but for its
  /// costs: all tokens are charged. As each row sees those before it alone, states and logits are
  /// the same bits as without.
  ///
  /// Nothing is read while rows that were read ahead are left, while no row waits, or where a control
  /// shapes the reads, for it may count them. A token that the model does not have ends the draft.
  /// - Throws: as ``hidden()``; the rows that waited still wait then.
  public mutating func readAhead(_ tokenIDs: [Int]) async throws {
    let size = model.configuration.vocabularySize
    let draft = Array(tokenIDs.prefix { (0..<size).contains($0) })
    guard ahead == nil, controls.isEmpty, sequence.waitingCount == 0, !waiting.isEmpty,
      !draft.isEmpty
    else { return }
    let last = waiting.count - 1
    let wanted = RowSelection.rows(last..<last + 1 + draft.count)
    pinWaitingRows()
    do {
      let readout = try await sequence.read(
        draft.map { .token($0) }, want: [.states(.finalNorm, wanted), .logits(wanted)])
      let rows = RowsAhead(tokenIDs: draft[...], readout: readout)
      (lastHidden, lastLogits) = rows.last
      ahead = rows
    } catch {
      try sequence.crop(to: sequence.rowCount - draft.count)
      throw error
    }
  }

  /// Forgets what was read ahead and has not been fed.
  mutating func dropAhead() {
    guard ahead != nil else { return }
    let columns = rowCount
    ahead = nil
    // Branches share a meter: what one of them lets go counts until all have ended.
    if sequence.memory.givesBackPages(croppedTo: columns) { runtime.retire(sequence.memory) }
    do {
      try sequence.crop(to: columns)
    } catch {
      preconditionFailure("rows read ahead are part of the memory: \(error)")
    }
  }

  /// Takes the rows that were read ahead, as far as they are those that come; else forgets them.
  /// - Returns: how many of the rows that come have been read.
  mutating func take(_ rows: [InputRow]) -> Int {
    var count = 0
    while count < rows.count, let next = ahead?.tokenIDs.first, rows[count] == .token(next) {
      ahead?.tokenIDs.removeFirst()
      count += 1
    }
    if count > 0, let last = ahead?.last { (lastHidden, lastLogits) = last }
    if count < rows.count {
      dropAhead()
    } else if aheadCount == 0 {
      ahead = nil
    }
    return count
  }
}
