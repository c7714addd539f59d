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

  /// Whether the last row is among them, however many there are.
  package var includesLast: Bool {
    switch self {
    case .last, .all: true
    case .suffix(let number): number > 0
    case .rows: false
    }
  }
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
struct ForwardRequest: Sendable {
  /// Rows to read, in order.
  var rows: [InputRow]
  /// States wanted, by tap.
  private(set) var states: [(tap: Tap, rows: Range<Int>)] = []
  /// Rows whose logits are wanted; nil is none.
  var logits: Range<Int>?
  /// How rows pass through the stack, behind one reference: requests are copied often.
  private let box: PlanBox?
  /// Whether vectors among the rows count as thoughts of the sequence.
  var countsThoughts: Bool

  /// Collects what is wanted; of two wants of one kind the last one counts.
  init(
    rows: [InputRow], want: [Want] = [.states()], through plan: StackPlan? = nil,
    countsThoughts: Bool = true
  ) {
    self.rows = rows
    box = plan.map { PlanBox($0) }
    self.countsThoughts = countsThoughts
    guard !rows.isEmpty else { return }
    for want in want {
      switch want {
      case .states(let tap, let selection):
        states.removeAll { $0.tap == tap }
        states.append((tap, selection.range(of: rows.count)))
      case .logits(let selection): logits = selection.range(of: rows.count)
      }
    }
  }

  /// The first row of which anything is wanted; the number of rows where nothing is.
  var firstWanted: Int {
    var first = rows.count
    for (_, range) in states where !range.isEmpty { first = min(first, range.lowerBound) }
    if let logits, !logits.isEmpty { first = min(first, logits.lowerBound) }
    return first
  }

  /// How rows pass through the stack; nil is as it is.
  var plan: StackPlan? { box?.plan }

  /// Which layers run.
  var schedule: LayerSchedule { box?.plan.schedule ?? .plain }

  /// Whether every layer runs once.
  var runsEveryLayerOnce: Bool { box?.plan.schedule.isPlain ?? true }

  /// Whether single rows are changed.
  var editsRows: Bool { box?.plan.editsRows ?? false }

  /// Whether the rows may be read in several passes.
  var canBeCut: Bool { box.map { $0.plan.visibility == .causal } ?? true }
}

private final class PlanBox: Sendable {
  let plan: StackPlan

  init(_ plan: StackPlan) { self.plan = plan }
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

/// A request that the model cannot serve.
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A token id outside the vocabulary.
  case tokenOutOfRange(id: Int, vocabularySize: Int)
  /// A vector of another width than the model's.
  case vectorWidth(found: Int, expected: Int)
  /// Rows beyond the positions that the model was made for.
  case contextExceeded(position: Int, maximum: Int)
  /// A layer that the model does not have.
  case layerOutOfRange(layer: Int, layerCount: Int)
  /// Outputs of rows that are not read.
  case rowsOutOfRange(rows: Range<Int>, count: Int)
  /// A part of a plan that the model or the rows do not allow.
  case plan(String, expected: String, found: String)
  /// Columns that a memory does not have.
  case columns(String, found: Int, held: Int)

  /// What was expected and found.
  public var description: String {
    switch self {
    case .tokenOutOfRange(let id, let size):
      "token id \(id): expected 0 to \(size - 1), the model's vocabulary"
    case .vectorWidth(let found, let expected):
      "row vector: expected \(expected) components, found \(found)"
    case .contextExceeded(let position, let maximum):
      "position \(position): the model was made for \(maximum) positions"
    case .layerOutOfRange(let layer, let count):
      "residual tap at layer \(layer): the model has layers 0 to \(count)"
    case .rowsOutOfRange(let rows, let count):
      "outputs of rows \(rows): \(count) rows are read"
    case .plan(let part, let expected, let found):
      "stack plan, \(part): expected \(expected), found \(found)"
    case .columns(let operation, let found, let held):
      "\(operation) of \(found) columns: the memory holds \(held)"
    }
  }
}
