import Synchronization
import TacitTensor

/// A matrix with a row for each token.
enum VocabularyMatrix: CaseIterable {
  /// What tokens are read as.
  case embedding
  /// What gives logits; the embedding where both are tied.
  case head
}

/// A request on its way through the engine.
///
/// One thread at a time touches it: the asking sequence before and after, the one that runs the
/// batch in between; the scheduler's lock orders them.
final class PendingRequest: @unchecked Sendable {
  enum Work {
    /// Rows to read.
    case read(ForwardRequest)
    /// States whose logits are wanted, [rows, D].
    case project(Tensor)
    /// Weights of the rows of a matrix whose sums are wanted, [rows, V].
    case mix(Tensor, of: VocabularyMatrix)
  }

  let engine: Engine
  let work: Work
  /// Tokens of a prompt whose pages may be shared; empty for every other request.
  let promptTokens: [Int]
  let ledger: Ledger
  var memory: KeyValueMemory
  var served = 0
  var readout = Readout()
  /// The sums of rows, [rows, D], once they are known.
  var mixture: Tensor?
  var continuation: UnsafeContinuation<Void, Never>?
  /// Set by whoever cancels the asking task, at any time.
  let isCancelled = Atomic(false)

  init(engine: Engine, work: Work, ledger: Ledger, memory: KeyValueMemory) {
    self.engine = engine
    self.work = work
    promptTokens = Self.promptTokens(of: work)
    self.ledger = ledger
    self.memory = memory
  }

  /// The tokens that a request begins with, if it asks for the outputs of its last row only and
  /// leaves the stack as it is.
  private static func promptTokens(of work: Work) -> [Int] {
    guard case .read(let request) = work, request.rows.count > PageLayout.columnCount,
      request.plan == nil,
      request.wanted.isEmpty || request.wanted.lowerBound >= request.rows.count - 1
    else { return [] }
    var tokens: [Int] = []
    for case .token(let id) in request.rows.prefix(while: { $0.isToken }) { tokens.append(id) }
    return tokens.count > PageLayout.columnCount ? tokens : []
  }

  /// Whether the memory holds the rows of this request that were served, and nothing else.
  var holdsOnlyPrompt: Bool {
    !promptTokens.isEmpty && memory.count == served && memory.firstColumn == 0
      && memory.nextPosition == served && memory.repeatedRuns.isEmpty
  }

  /// Whether pages of other prompts may continue the memory.
  var canSharePages: Bool {
    holdsOnlyPrompt && served < promptTokens.count && served % PageLayout.columnCount == 0
  }

  /// Columns in whole pages that two prompts have in common; the last token is read by each.
  func sharedPrefix(with other: PendingRequest) -> Int {
    let limit = min(promptTokens.count, other.promptTokens.count - 1)
    var equal = 0
    while equal < limit, promptTokens[equal] == other.promptTokens[equal] { equal += 1 }
    return equal / PageLayout.columnCount * PageLayout.columnCount
  }

  /// Counts rows whose pages were shared as if they had been read.
  func skip(_ rowCount: Int, _ configuration: ModelConfiguration) {
    guard rowCount > 0 else { return }
    var counts = configuration.cost(ofRows: served..<served + rowCount, wanted: 0)
    counts.positions = rowCount
    served += rowCount
    ledger.add(counts)
  }

  /// Rows not yet read.
  var remaining: Int {
    if case .read(let request) = work { request.rows.count - served } else { 0 }
  }

  /// Whether sums of rows of a matrix are wanted.
  var mixes: Bool {
    if case .mix = work { true } else { false }
  }

  /// Whether the rows may be read in several passes.
  var canBeCut: Bool {
    if case .read(let request) = work { request.canBeCut } else { true }
  }

  var isFinished: Bool {
    if isCancelled.load(ordering: .relaxed) { return true }
    return switch work {
    case .read: remaining == 0
    case .project: readout.logits != nil
    case .mix: mixture != nil
    }
  }

  func deliver(logits: Tensor) {
    readout.logits = readout.logits.map { Tensor.concatenated([$0, logits]) } ?? logits
  }
}
