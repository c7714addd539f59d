/// How much better a candidate's scores are than a baseline's on the same samples.
public struct PairedDifference: Sendable, Equatable {
  /// Number of samples.
  public var pairCount: Int
  /// Mean of candidate less baseline.
  public var mean: Double
  /// Standard error of the mean; nil when there are fewer than two independent samples.
  ///
  /// Of the differences, so that what both find hard does not count (Miller 2024,
  /// arXiv:2411.00640, section 4); over clusters where there are any.
  public var standardError: Double?
  /// Percentile bootstrap at 95 %; nil where ``standardError`` is nil.
  ///
  /// Pairs are resampled, or clusters of pairs. Without any variance it is the mean alone.
  public var confidenceInterval: ClosedRange<Double>?

  /// Compares two lists of scores, repeats averaged first.
  ///
  /// - Parameters:
  ///   - baseline: Between 0 and 1, at least one.
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
    precondition(baseline.count == candidate.count, "scores come in pairs")
    precondition(
      (baseline + candidate).allSatisfy { (0...1).contains($0) }, "scores lie between 0 and 1")
    let groups = Clusters(clusters, sampleCount: baseline.count)
    let differences = zip(baseline, candidate).map { $1 - $0 }
    pairCount = differences.count
    mean = differences.reduce(0, +) / Double(differences.count)
    standardError = groups.standardError(of: differences, mean: mean)
    confidenceInterval = RatioBootstrap(
      numerators: groups.sums(differences), denominators: groups.sizes
    ).interval(resamples ?? Resamples(seed: seed), resampleCount: resampleCount)
  }
}
