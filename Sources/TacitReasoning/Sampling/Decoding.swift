import TacitFault
import TacitModel
import TacitRandom
import TacitTensor

/// The rules of writing token by token: which token comes next, and what ends the text.
public struct Decoding: Sendable, Equatable {
  /// How each token is drawn.
  public var sampling: Sampling
  /// Tokens at most, forced ones included.
  public var maximumTokens: Int
  /// Texts that end the decoding; they are not part of the result.
  public var stopTexts: [String]
  /// Tokens that end the text; nil stands for the model's own.
  public var endIDs: Set<Int>?
  /// Whether the text goes on after an end token.
  public var ignoresEnd: Bool
  /// Whether the first token that is not forced may be an end token and does not end the text.
  public var skipsFirstEnd: Bool
  /// Whether text is handed to whoever listens as it comes; not while it may still be taken back.
  public var streams: Bool

  /// Empty stop texts stop nothing.
  public init(
    sampling: Sampling, maximumTokens: Int, stopTexts: [String] = [], endIDs: Set<Int>? = nil,
    ignoresEnd: Bool = false, skipsFirstEnd: Bool = false, streams: Bool = true
  ) {
    self.sampling = sampling
    self.maximumTokens = maximumTokens
    self.stopTexts = stopTexts.filter { !$0.isEmpty }
    self.endIDs = endIDs
    self.ignoresEnd = ignoresEnd
    self.skipsFirstEnd = skipsFirstEnd
    self.streams = streams
  }

  /// Begins a text, whose first tokens are `prefix` as far as it may have tokens.
  ///
  /// Until something else ends it, its reason to finish is its length.
  /// - Throws: ``BudgetExhausted``.
  public func begin(
    _ state: inout ReasoningState, forcing prefix: [Int] = []
  ) throws -> DecodedText {
    let forced = prefix.prefix(maximumTokens)
    let text = DecodedText(
      self, ends: ignoresEnd ? [] : endIDs ?? state.model.endOfSequenceIDs,
      start: state.text.utf8.count, forcedCount: forced.count)
    for id in forced { try state.emit(id, kind: .forced) }
    state.finishReason = .length
    return text
  }
}

/// A text in the making, by the rules of a ``Decoding``.
///
/// While ``continues(_:)``, a step draws a token, asks whether it ``ends(with:_:)`` the text, and
/// if not emits it and calls ``advance(_:)``.
public struct DecodedText: Sendable {
  private let rules: Decoding
  private let ends: Set<Int>
  /// Bytes of UTF-8 before the text.
  private let start: Int
  private let forcedCount: Int
  private var isComplete = false
  /// Number of the step under way, from 0; each emits one token after the forced ones.
  public private(set) var step = 0

  fileprivate init(_ rules: Decoding, ends: Set<Int>, start: Int, forcedCount: Int) {
    self.rules = rules
    self.ends = ends
    self.start = start
    self.forcedCount = forcedCount
  }

  /// Tokens that the rules still allow.
  public var remainingTokens: Int { isComplete ? 0 : rules.maximumTokens - forcedCount - step }

  /// Whether another token may follow.
  ///
  /// A prompt beyond the context is an error, which the first step meets; a text that reaches the
  /// context's end is complete.
  public func continues(_ state: ReasoningState) -> Bool {
    remainingTokens > 0 && (step == 0 || state.remainingContext >= 0)
  }

  /// Draws the step's token from the V raw logits of the last row, with the step's own random
  /// numbers.
  /// - Throws: ``Fault`` when no logit is a finite number.
  public func draw(from logits: [Float], _ state: ReasoningState) throws(Fault) -> Int {
    var random = state.randomStream(step: step)
    guard let id = rules.sampling.draw(from: logits, &random) else { throw state.nonFiniteLogits }
    return id
  }

  /// Whether a token ends the text, which is then complete; such a token is not emitted.
  public mutating func ends(with id: Int, _ state: inout ReasoningState) -> Bool {
    guard ends.contains(id), !(rules.skipsFirstEnd && step == 0) else { return false }
    state.finishReason = .endOfSequence
    isComplete = true
    return true
  }

  /// Draws the next token of the text and emits it.
  /// - Returns: the token; nil where it ends the text.
  /// - Throws: as `ReasoningState.logits()`; ``Fault`` when none can be drawn;
  ///   ``BudgetExhausted``.
  public mutating func next(_ state: inout ReasoningState) async throws -> Int? {
    let logits = try await state.logits()
    let id = try draw(from: logits, state)
    if ends(with: id, &state) { return nil }
    try state.emit(id, entropy: state.isTraced ? Double(logits.entropy()) : nil)
    advance(&state)
    return id
  }

  /// Ends the step whose token was emitted: streams what cannot become a stop text any more, or
  /// cuts the text, which is then complete, at the first stop text.
  public mutating func advance(_ state: inout ReasoningState) {
    step += 1
    let text = state.text
    let tail = text.utf8.dropFirst(start)
    guard
      let end = rules.stopTexts.compactMap({ tail.firstRange(of: $0.utf8)?.lowerBound }).min()
    else {
      guard rules.streams else { return }
      let held = rules.stopTexts.map { Self.overlap(of: tail, with: $0) }.max() ?? 0
      return state.stream(holdingBack: held)
    }
    state.cutText(at: end)
    if rules.streams { state.stream() }
    state.finishReason = .stop
    isComplete = true
  }

  /// Bytes at the end of `text` that are the beginning of `stop`.
  private static func overlap(of text: Substring.UTF8View, with stop: String) -> Int {
    let bytes = Array(text.suffix(stop.utf8.count - 1))
    return (0...bytes.count).reversed().first { stop.utf8.starts(with: bytes.suffix($0)) } ?? 0
  }
}
