/// What a pipeline may spend on one sample.
public struct Budget: Sendable, Equatable {
  /// Rows that the model may read; nil is unlimited.
  public var positions: Int?
  /// Tokens that may be emitted; nil is unlimited.
  public var tokens: Int?

  /// Unlimited unless said otherwise.
  public init(positions: Int? = nil, tokens: Int? = nil) {
    self.positions = positions
    self.tokens = tokens
  }
}
