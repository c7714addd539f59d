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

/// Which rows of a request an output is wanted for.
public enum RowSelection: Sendable, Equatable {
  case none
  case last
  case all
}

/// A point of the network whose state can be read.
public enum Tap: Sendable, Hashable {
  /// After the final norm: what Hugging Face calls the last hidden state.
  case finalNorm
  /// The residual stream before the final norm.
  case preNorm
  /// The residual stream after a layer, from 1; 0 is the input embedding with its position.
  case residual(layer: Int)

  /// What a request wants unless it says otherwise.
  public static let usual: Set<Tap> = [.finalNorm]
}

/// What one sequence asks of the model: rows to read and outputs wanted.
public struct ForwardRequest: Sendable {
  /// Rows to read, in order.
  public var rows: [InputRow]
  /// States wanted.
  public var taps: Set<Tap>
  /// Rows whose states are wanted.
  public var states: RowSelection
  /// Rows whose logits are wanted; the head is computed for no others.
  public var logits: RowSelection
  /// Whether vectors among the rows count as thoughts of the sequence.
  public var countsThoughts = true

  /// By default the state of the last row after the final norm, and no logits.
  public init(
    rows: [InputRow], taps: Set<Tap> = Tap.usual, states: RowSelection = .last,
    logits: RowSelection = .none
  ) {
    self.rows = rows
    self.taps = taps
    self.states = states
    self.logits = logits
  }
}

/// States by the point of the network where they were read.
public struct TappedStates: Sendable {
  private var finalNorm: Tensor?
  private var others: [Tap: Tensor] = [:]

  /// The states of a tap; nil when they were not wanted.
  public internal(set) subscript(tap: Tap) -> Tensor? {
    get { tap == .finalNorm ? finalNorm : others[tap] }
    set { if tap == .finalNorm { finalNorm = newValue } else { others[tap] = newValue } }
  }
}

/// What the model answered to a ``ForwardRequest``.
public struct ForwardResult: Sendable {
  /// The states wanted, [selected rows, D] each.
  public var states = TappedStates()
  /// The logits wanted, [selected rows, V].
  public var logits: Tensor?

  /// The state of the last selected row after the final norm.
  public var hidden: [Float]? {
    states[.finalNorm].flatMap { $0.rows > 0 ? $0[$0.rows - 1] : nil }
  }
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
    }
  }
}
