import TacitTensor

/// One row that the model reads.
public enum InputRow: Sendable, Equatable {
  /// A token, looked up in the embedding matrix.
  case token(Int)
  /// A vector of D components in place of a token embedding.
  case vector([Float])

  var isToken: Bool {
    if case .token = self { true } else { false }
  }
}

/// Which rows of a read an output is wanted for.
public enum RowSelection: Sendable, Equatable {
  /// The last one.
  case last
  /// All of them.
  case all
  /// Some that follow one another, counted from the first row of the read.
  case rows(Range<Int>)
  /// So many at the end.
  case suffix(Int)

  func range(of count: Int) -> Range<Int> {
    switch self {
    case .last: count - 1..<count
    case .all: 0..<count
    case .rows(let range): range
    case .suffix(let number): count - max(number, 0)..<count
    }
  }

  /// Whether the last of `count` rows is among them.
  package func includesLast(of count: Int) -> Bool { range(of: count).contains(count - 1) }
}

/// A point of the network whose state can be read.
public enum Tap: Sendable, Hashable {
  /// After the final norm: what Hugging Face calls the last hidden state.
  case finalNorm
  /// The residual stream before the final norm.
  case preNorm
  /// The residual stream after a layer, from 1; 0 is the input embedding with its position.
  case residual(layer: Int)
}

/// An output that is wanted of a read.
public enum Want: Sendable, Equatable {
  /// States of some rows, [rows, D].
  case states(Tap = .finalNorm, RowSelection = .last)
  /// Logits of some rows, [rows, V]; the head is computed for no others.
  case logits(RowSelection = .last)
}

/// What one sequence asks of the model: rows to read, how they pass, and outputs wanted.
///
/// A class, so that whoever passes it on copies one reference.
final class ForwardRequest: Sendable {
  /// Rows to read, in order.
  let rows: [InputRow]
  /// States wanted, by tap.
  let states: [(tap: Tap, rows: Range<Int>)]
  /// Rows whose logits are wanted; nil is none.
  let logits: Range<Int>?
  /// How rows pass through the stack; nil is as it is.
  let plan: StackPlan?
  /// Whether vectors among the rows count as thoughts of the sequence.
  let countsThoughts: Bool
  /// The rows of which anything is wanted, and those between them.
  let wanted: Range<Int>

  /// Collects what is wanted; of two wants of one kind the last one counts.
  init(
    rows: [InputRow], want: [Want] = [.states()], through plan: StackPlan? = nil,
    countsThoughts: Bool = true
  ) {
    var states: [(tap: Tap, rows: Range<Int>)] = []
    var logits: Range<Int>?
    for want in want where !rows.isEmpty {
      switch want {
      case .states(let tap, let selection):
        states.removeAll { $0.tap == tap }
        states.append((tap, selection.range(of: rows.count)))
      case .logits(let selection): logits = selection.range(of: rows.count)
      }
    }
    var wanted = logits ?? 0..<0
    for (_, range) in states { wanted = wanted.spanning(range) }
    self.rows = rows
    self.states = states
    self.logits = logits
    self.plan = plan
    self.countsThoughts = countsThoughts
    self.wanted = wanted
  }

  /// Which layers run.
  var schedule: LayerSchedule { plan?.schedule ?? .plain }

  /// Whether every layer runs once.
  var runsEveryLayerOnce: Bool { plan?.schedule.isPlain ?? true }

  /// Whether single rows are changed.
  var editsRows: Bool { plan?.editsRows ?? false }

  /// Whether the rows may be read in several passes.
  var canBeCut: Bool { plan.map { $0.visibility == .causal } ?? true }
}

extension Range<Int> {
  /// The smallest range that holds what is in either.
  fileprivate func spanning(_ other: Range<Int>) -> Range<Int> {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}

/// What the model answered to a read.
public struct Readout: Sendable {
  private var finalNorm: Tensor?
  private var others: [Tap: Tensor] = [:]
  /// The logits wanted, [rows, V].
  public internal(set) var logits: Tensor?

  /// The states wanted of a tap, [rows, D]; nil when none were.
  public internal(set) subscript(tap: Tap) -> Tensor? {
    get { tap == .finalNorm ? finalNorm : others[tap] }
    set { if tap == .finalNorm { finalNorm = newValue } else { others[tap] = newValue } }
  }

  /// The state of the last row wanted after the final norm.
  public var hidden: [Float]? { finalNorm.flatMap { $0.rows > 0 ? $0[$0.rows - 1] : nil } }
}
