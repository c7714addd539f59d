/// How many times a baseline's total cost a candidate takes on the same samples.
public struct RatioOfTotals: Sendable, Equatable {
  /// Total of the candidate over total of the baseline; nil when the latter is zero.
  public var ratio: Double?
  /// Percentile bootstrap over samples, or clusters of them, at 95 %.
  ///
  /// Nil when there are fewer than two independent samples, and when a resample of the baseline
  /// adds up to zero.
  public var confidenceInterval: ClosedRange<Double>?

  /// Compares two lists of costs.
  ///
  /// - Parameters:
  ///   - baseline: Finite numbers from 0, one per sample, at least one.
  ///   - candidate: Likewise, in the order of the same samples.
  ///   - clusters: Cluster of each sample; nil stands for a cluster of its own.
  ///   - seed: Of the bootstrap.
  ///   - resampleCount: Number of its resamples.
  ///   - resamples: Those of the same seed, where other intervals rest on them too.
  public init(
    baseline: [Double], candidate: [Double], clusters: [String?]? = nil, seed: UInt64,
    resampleCount: Int = 10_000, resamples: Resamples? = nil
  ) {
    precondition(resamples.map { $0.seed == seed } ?? true, "resamples of another seed")
    precondition(baseline.count == candidate.count, "costs come in pairs")
    precondition((baseline + candidate).allSatisfy { $0 >= 0 }, "no cost is negative")
    let groups = Clusters(clusters, sampleCount: baseline.count)
    let total = baseline.reduce(0, +)
    ratio = total > 0 ? candidate.reduce(0, +) / total : nil
    confidenceInterval = RatioBootstrap(
      numerators: groups.sums(candidate), denominators: groups.sums(baseline)
    ).interval(resamples ?? Resamples(seed: seed), resampleCount: resampleCount)
  }
}
