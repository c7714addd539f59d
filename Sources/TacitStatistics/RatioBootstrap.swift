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
  /// All intervals of one seed and number of groups rest on the same resamples. Nil with fewer than
  /// two groups, and when a resample's denominator is zero.
  func interval(_ resamples: Resamples, resampleCount: Int) -> ClosedRange<Double>? {
    precondition((1...Int(UInt32.max)).contains(resampleCount), "no resamples")
    let count = numerators.count
    guard count > 1 else { return nil }
    var ratios: [Double] = []
    ratios.reserveCapacity(resampleCount)
    resamples.forEachPart(groupCount: count, resampleCount: resampleCount) { groups, rows in
      for row in 0..<rows / 4 {
        let four = UnsafeBufferPointer(rebasing: groups[4 * row * count..<4 * (row + 1) * count])
        let values = fourRatios(four, count)
        for index in 0..<4 { ratios.append(values[index]) }
      }
      for row in rows / 4 * 4..<rows {
        ratios.append(
          ratio(UnsafeBufferPointer(rebasing: groups[row * count..<(row + 1) * count])))
      }
    }
    guard ratios.allSatisfy({ !$0.isNaN }) else { return nil }
    ratios.sort()
    return Self.quantile(0.025, of: ratios)...Self.quantile(0.975, of: ratios)
  }

  /// The ratio of one resample; NaN when its denominator is zero.
  private func ratio(_ groups: UnsafeBufferPointer<UInt32>) -> Double {
    var numerator = 0.0
    var denominator = 0.0
    for group in groups {
      numerator += numerators[Int(group)]
      denominator += denominators[Int(group)]
    }
    return denominator > 0 ? numerator / denominator : .nan
  }

  /// The ratios of four resamples: sums that do not wait for each other.
  private func fourRatios(_ groups: UnsafeBufferPointer<UInt32>, _ count: Int) -> SIMD4<Double> {
    numerators.withUnsafeBufferPointer { tops in
      denominators.withUnsafeBufferPointer { bottoms in
        var (top0, top1, top2, top3) = (0.0, 0.0, 0.0, 0.0)
        var (bottom0, bottom1, bottom2, bottom3) = (0.0, 0.0, 0.0, 0.0)
        for place in 0..<count {
          let group0 = Int(groups[place])
          let group1 = Int(groups[count + place])
          let group2 = Int(groups[2 * count + place])
          let group3 = Int(groups[3 * count + place])
          top0 += tops[group0]
          bottom0 += bottoms[group0]
          top1 += tops[group1]
          bottom1 += bottoms[group1]
          top2 += tops[group2]
          bottom2 += bottoms[group2]
          top3 += tops[group3]
          bottom3 += bottoms[group3]
        }
        let ratios = SIMD4(top0, top1, top2, top3) / SIMD4(bottom0, bottom1, bottom2, bottom3)
        let hasNone = SIMD4(bottom0, bottom1, bottom2, bottom3) .<= 0
        return ratios.replacing(with: .nan, where: hasNone)
      }
    }
  }

  /// The quantile at (n - 1)·`probability` places from the first, definition 7 of Hyndman and Fan.
  private static func quantile(_ probability: Double, of sorted: [Double]) -> Double {
    let place = probability * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
