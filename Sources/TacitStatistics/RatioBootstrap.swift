import TacitRandom

/// Percentile bootstrap of the ratio of two sums over independent groups.
///
/// A mean is such a ratio as well: the sums of groups over their sizes.
struct RatioBootstrap {
  /// Numbers that the numerator adds up, one per group.
  let numerators: [Double]
  /// Numbers that the denominator adds up, one per group, none negative.
  let denominators: [Double]

  /// The 95 % interval (Efron 1979): quantiles of resampled ratios, between neighbours linearly.
  ///
  /// Resample r draws its groups from stream (r, 0, 0) of the key `seed`, so that all intervals of
  /// one seed and number of groups rest on the same resamples. Nil with fewer than two groups, and
  /// when a resample's denominator is zero.
  func interval(seed: UInt64, resampleCount: Int) -> ClosedRange<Double>? {
    precondition((1...Int(UInt32.max)).contains(resampleCount), "no resamples")
    let count = numerators.count
    guard count > 1 else { return nil }
    var ratios: [Double] = []
    ratios.reserveCapacity(resampleCount)
    for resample in 0..<resampleCount {
      var random = CounterRandom(key: seed, stream: SIMD3(UInt32(resample), 0, 0))
      var numerator = 0.0
      var denominator = 0.0
      for _ in 0..<count {
        let group = random.integer(below: count)
        numerator += numerators[group]
        denominator += denominators[group]
      }
      guard denominator > 0 else { return nil }
      ratios.append(numerator / denominator)
    }
    ratios.sort()
    return Self.quantile(0.025, of: ratios)...Self.quantile(0.975, of: ratios)
  }

  /// The quantile at (n - 1)·`probability` places from the first, definition 7 of Hyndman and Fan.
  private static func quantile(_ probability: Double, of sorted: [Double]) -> Double {
    let place = probability * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
