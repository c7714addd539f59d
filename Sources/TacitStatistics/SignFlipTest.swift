import TacitRandom

/// Permutation test that paired differences are symmetric about zero, by flipping their signs.
///
/// The statistic is the absolute sum; the test is two-sided.
public struct SignFlipTest: Sendable, Equatable {
  /// Number of differences, or of sums over clusters, that can be flipped and are enumerated.
  private static let enumerableCount = 16

  /// Probability of a sum as far from zero when every sign is a fair coin.
  ///
  /// Sums that agree but for rounding count as ties. 1 when no difference is other than zero.
  public var pValue: Double
  /// Whether all signs were tried; otherwise they were drawn, and the observed ones count as one
  /// of the draws, so that the p-value is valid and never zero (Phipson and Smyth 2010).
  public var isExact: Bool

  /// Tests differences of any quantity.
  ///
  /// - Parameters:
  ///   - differences: Finite numbers, one per sample, at least one.
  ///   - clusters: Cluster of each sample, whose differences flip together; nil stands for a
  ///     cluster of its own.
  ///   - seed: Of the flips, where not all are tried.
  ///   - flipCount: Number of them.
  public init(
    differences: [Double], clusters: [String?]? = nil, seed: UInt64, flipCount: Int = 9_999
  ) {
    precondition((1...Int(UInt32.max)).contains(flipCount), "no flips")
    let groups = Clusters(clusters, sampleCount: differences.count)
    let values = groups.sums(differences).filter { $0 != 0 }
    let rounding = 1e-12 * values.reduce(0) { $0 + abs($1) }
    let threshold = abs(values.reduce(0, +)) - rounding
    isExact = values.count <= Self.enumerableCount
    if isExact {
      let sums = Self.allSums(values)
      pValue = Double(sums.count { abs($0) >= threshold }) / Double(sums.count)
    } else {
      var hits = 0
      for first in stride(from: 0, to: flipCount, by: 8) {
        let sums = Self.randomSums(values, seed: seed, firstFlip: first)
        for flip in first..<min(first + 8, flipCount) where abs(sums[flip - first]) >= threshold {
          hits += 1
        }
      }
      pValue = Double(1 + hits) / Double(1 + flipCount)
    }
  }

  /// The sums under all signs.
  private static func allSums(_ values: [Double]) -> [Double] {
    values.reduce([0]) { sums, value in sums.map { $0 + value } + sums.map { $0 - value } }
  }

  /// The sums of eight flips, each under the signs that stream (flip, 1, 0) of the key `seed` draws:
  /// one bit each, the lowest of 64 first.
  private static func randomSums(
    _ values: [Double], seed: UInt64, firstFlip: Int
  ) -> SIMD8<Double> {
    var streams = (0..<8).map { lane in
      CounterRandom(key: seed, stream: SIMD3(UInt32(truncatingIfNeeded: firstFlip + lane), 1, 0))
    }
    var bits = SIMD8<UInt64>()
    var sums = SIMD8<Double>()
    for (index, value) in values.enumerated() {
      if index % 64 == 0 {
        for lane in 0..<8 { bits[lane] = streams[lane].bits() }
      }
      let signs = (bits & 1) &<< 63
      let flipped = SIMD8<UInt64>(repeating: value.bitPattern) ^ signs
      sums += unsafeBitCast(flipped, to: SIMD8<Double>.self)
      bits &>>= 1
    }
    return sums
  }
}
