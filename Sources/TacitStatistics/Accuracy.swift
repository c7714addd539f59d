/// The mean score of samples and how sure it is.
public struct Accuracy: Sendable, Equatable {
  /// Mean over samples.
  public var mean: Double
  /// Standard error of the mean; nil when there are fewer than two independent samples.
  ///
  /// Over samples, or over clusters of samples where there are any (Miller 2024,
  /// arXiv:2411.00640, section 2). Zero but for rounding when all scores are equal.
  public var standardError: Double?
  /// The 95 % interval.
  ///
  /// Wilson's with the number of samples as its size; repeats count towards the mean but not as
  /// more samples, which is conservative. With clusters it is the mean and 1.96 standard errors to
  /// either side, within 0 and 1; where that error is zero or unknown, Wilson's with the number of
  /// clusters as its size.
  public var confidenceInterval: ClosedRange<Double>

  /// Estimates from one score per sample, repeats averaged first.
  ///
  /// - Parameters:
  ///   - scores: Between 0 and 1, at least one.
  ///   - clusters: Cluster of each sample; nil stands for a cluster of its own.
  public init(scores: [Double], clusters: [String?]? = nil) {
    precondition(scores.allSatisfy { (0...1).contains($0) }, "scores lie between 0 and 1")
    let groups = Clusters(clusters, sampleCount: scores.count)
    let mean = scores.reduce(0, +) / Double(scores.count)
    let standardError = groups.standardError(of: scores, mean: mean)
    self.mean = mean
    self.standardError = standardError
    // Smaller errors are rounding of what would be zero.
    if groups.count < scores.count, let standardError, standardError > 1e-12 {
      let radius = NormalDistribution.deviate95 * standardError
      confidenceInterval = max(0, mean - radius)...min(1, mean + radius)
    } else {
      confidenceInterval = WilsonInterval.bounds(proportion: mean, count: groups.count)
    }
  }
}
