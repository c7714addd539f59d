import TacitModel
import TacitReasoning
import TacitTensor

/// A second model that looks at thoughts before they are fed.
///
/// It forgets each candidate again and reads what was fed in its place together with the next one,
/// so that a thought costs one pass; a gradient costs a second one. One task at a time uses it.
final class CandidateReader: @unchecked Sendable {
  private var session: AuxiliarySession
  /// Rows that were fed and that the session has yet to read; nil if it sees candidates only.
  private var unread: [InputRow]?
  /// The state after the last candidate, D components.
  private(set) var state: [Float] = []

  /// Begins after the rows of `history`; nil is for candidates without context.
  init(_ session: AuxiliarySession, history: [InputRow]?) {
    self.session = session
    unread = history
  }

  /// Reads a candidate; `previousRow` was fed in place of the one before.
  func look(at candidate: [Float], previousRow: [Float]?) async throws {
    if let previousRow { unread?.append(.vector(previousRow)) }
    state = try await session.read((unread ?? []) + [.vector(candidate)])
    if unread != nil { unread = [] }
  }

  /// Forgets the candidate that was looked at.
  func forget() { session.crop(to: session.count - 1) }

  /// The gradient, with respect to a candidate, of the mean squared difference between it and the
  /// state after it.
  func errorGradient(
    at candidate: [Float], previousRow: [Float]?
  ) async throws -> [Float] {
    if let previousRow { unread?.append(.vector(previousRow)) }
    if let rows = unread, !rows.isEmpty {
      _ = try await session.read(rows)
      unread = []
    }
    return try session.gradient(at: candidate) { state, row in state.meanSquaredError(row) }
  }
}
