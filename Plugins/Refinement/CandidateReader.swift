import TacitModel
import TacitReasoning
import TacitTensor

/// A second model that looks at thoughts before they are fed.
///
/// It forgets each candidate again and reads what was fed in its place together with the next one,
/// so that a thought costs one pass; a gradient costs a second one.
struct CandidateReader {
  private var sequence: ModelSequence
  /// Rows that were fed and that the sequence has yet to read; nil if it sees candidates only.
  private var unread: [InputRow]?

  /// Begins after the rows of `history`; nil is for candidates without context.
  init(_ sequence: ModelSequence, history: [InputRow]?) {
    self.sequence = sequence
    unread = history
  }

  /// The state after a candidate, D components; `previousRow` was fed in place of the one before.
  mutating func state(after candidate: [Float], previousRow: [Float]?) async throws -> [Float] {
    if let previousRow { unread?.append(.vector(previousRow)) }
    let known = sequence.rowCount
    let before = unread ?? []
    let readout = try await sequence.read(before + [.vector(candidate)])
    try sequence.crop(to: known + before.count)
    if unread != nil { unread = [] }
    return readout.hidden ?? []
  }

  /// The gradient, with respect to a candidate, of the mean squared difference between it and the
  /// state after it.
  mutating func errorGradient(
    at candidate: [Float], previousRow: [Float]?
  ) async throws -> [Float] {
    if let previousRow { unread?.append(.vector(previousRow)) }
    if let rows = unread, !rows.isEmpty {
      _ = try await sequence.read(rows)
      unread = []
    }
    return try await sequence.gradient(at: candidate) { state, row in state.meanSquaredError(row) }
  }
}
