import TacitFault

/// Components of states that are dropped at random, the same ones whenever the key is the same.
///
/// A component is kept when u ≥ rate, and then divided by 1 - rate. u is a pure function of the
/// key, the column of the row in the sequence, the place and the component, so that neither
/// batches nor chunks change a mask, and a run can be replayed.
public struct Dropout: Sendable, Equatable {
  /// Where components are dropped.
  public enum Site: String, Sendable, CaseIterable {
    /// The rows that enter the first layer.
    case embedding
    /// The weights of attention, after the softmax.
    case attentionWeights = "attention_weights"
    /// What a layer's attention adds to the residual stream.
    case attention
    /// What a layer's feed-forward block adds to the residual stream.
    case feedForward = "feed_forward"
  }

  /// Probability that a component is dropped, from 0 to below 1.
  public var rate: Double
  /// Where.
  public var sites: Set<Site>
  /// Rows of the read.
  public var rows: PlannedRows
  /// Key of the masks.
  public var key: UInt64
  /// What is added to the number of a column where a mask is drawn, for tests that replay the masks
  /// of programs that pad on the left.
  package var columnOffset = 0

  /// Describes dropout.
  public init(
    rate: Double, sites: Set<Site> = [.attention, .feedForward], rows: PlannedRows = .all,
    key: UInt64
  ) {
    self.rate = rate
    self.sites = sites
    self.rows = rows
    self.key = key
  }

  func validate(rowCount: Int) throws(Fault) {
    guard rate >= 0, rate < 1 else {
      throw .plan("the rate of dropout", expected: "0 to below 1", found: "\(rate)")
    }
    try rows.validate(rowCount: rowCount, "the rows of dropout")
  }

  /// A key made of a key and numbers that follow one another.
  public static func key(_ key: UInt64, _ numbers: some Sequence<Int>) -> UInt64 {
    numbers.reduce(key) { folded($0, $1) }
  }

  /// The key of a seed.
  public static func key(seed: UInt64) -> UInt64 { mixed(seed) }

  /// Factors of `count` components at a place: 0, or 1 / (1 - rate).
  ///
  /// - Parameters:
  ///   - column: Column of the row in the sequence.
  ///   - place: Number of the place in the stack.
  ///   - head: The head whose weights are meant; nil for states.
  ///   - count: Components.
  /// - Returns: a factor for each component.
  func factors(column: Int, place: Int, head: Int? = nil, count: Int) -> [Float] {
    var base = Self.folded(Self.folded(key, column + columnOffset), place)
    if let head { base = Self.folded(base, head) }
    let kept = Float(1 / (1 - rate))
    return (0..<count).map { component in
      let uniform = Double(Self.folded(base, component) >> 11) * 0x1p-53
      return uniform >= rate ? kept : 0
    }
  }

  /// Number of a place: the embedding, then three for each layer.
  static func place(_ site: Site, layer: Int) -> Int {
    switch site {
    case .embedding: 0
    case .attentionWeights: 1 + 3 * layer
    case .attention: 2 + 3 * layer
    case .feedForward: 3 + 3 * layer
    }
  }

  private static func folded(_ key: UInt64, _ number: Int) -> UInt64 {
    mixed(key ^ (UInt64(truncatingIfNeeded: number) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A step of SplitMix64: every bit of the result depends on every bit of the number.
  ///
  /// Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
