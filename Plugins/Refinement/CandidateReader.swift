import TacitModel
import TacitReasoning

/// A second model that looks at thoughts before they are fed.
///
/// It forgets each candidate again and reads what was fed in its place together with the next one,
/// so that a thought costs one pass.
struct CandidateReader {
  private var session: AuxiliarySession
  /// Rows that were fed and that the session has yet to read; nil if it sees candidates only.
  private var unread: [InputRow]?

  /// Begins after the rows of `history`; nil is for candidates without context.
  init(_ session: AuxiliarySession, history: [InputRow]?) {
    self.session = session
    unread = history
  }

  /// The state after a candidate, D components; `previousRow` was fed in place of the one before.
  mutating func state(after candidate: [Float], previousRow: [Float]?) async throws -> [Float] {
    if let previousRow { unread?.append(.vector(previousRow)) }
    let known = session.count
    let before = unread ?? []
    let state = try await session.read(before + [.vector(candidate)])
    session.crop(to: known + before.count)
    if unread != nil { unread = [] }
    return state
  }
}
