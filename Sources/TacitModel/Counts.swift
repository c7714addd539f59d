/// What a sequence cost, counted by the engine and by nothing else.
public struct Counts: Sendable, Equatable {
  /// Forward requests served; a prompt that was computed in chunks counts once.
  public var forwardPasses = 0
  /// Rows that the model read, tokens and vectors alike.
  public var positions = 0
  /// Vectors that the reasoning model read in place of tokens; not those that others read with it.
  public var latentSteps = 0
  /// Tokens emitted.
  public var tokens = 0
  /// Rows for which the output head was computed.
  public var headRows = 0
  /// Multiply-adds times two of matrix products and attention.
  public var floatingPointOperations = 0.0
  /// Largest key/value memory held at one time, in bytes.
  public var peakMemoryBytes = 0

  /// Nothing counted yet.
  public init() {}

  init(floatingPointOperations: Double) { self.floatingPointOperations = floatingPointOperations }

  /// Adds the cost of another sequence; of the two peaks the higher one counts.
  public static func += (lhs: inout Self, rhs: Self) {
    lhs.forwardPasses += rhs.forwardPasses
    lhs.positions += rhs.positions
    lhs.latentSteps += rhs.latentSteps
    lhs.tokens += rhs.tokens
    lhs.headRows += rhs.headRows
    lhs.floatingPointOperations += rhs.floatingPointOperations
    lhs.peakMemoryBytes = max(lhs.peakMemoryBytes, rhs.peakMemoryBytes)
  }
}
