/// The mean score of samples and how sure it is.
public struct Accuracy: Sendable, Equatable {
  /// Mean over samples.
  public var mean: Double
  /// Standard error of the mean; nil when there are fewer than two independent samples.
  ///
  /// By the central limit theorem over samples, and over clusters of samples where there are any
  /// (Miller 2024, arXiv:2411.00640, section 2).
  public var standardError: Double?
  /// Wilson's 95 % interval with the number of samples as its size.
  ///
  /// With repeats it is conservative: they count towards the mean but not as more samples.
  public var confidenceInterval: ClosedRange<Double>

  /// Estimates from one score per sample, repeats averaged first.
  ///
  /// - Parameters:
  ///   - scores: Between 0 and 1, at least one.
  ///   - clusters: Cluster of each sample; nil stands for a cluster of its own.
  public init(scores: [Double], clusters: [String?]? = nil) {
    precondition(!scores.isEmpty, "no scores")
    precondition(clusters.map { $0.count == scores.count } ?? true, "one cluster per score")
    mean = scores.reduce(0, +) / Double(scores.count)
    confidenceInterval = Self.wilsonInterval(proportion: mean, count: scores.count)
    standardError =
      if let clusters, clusters.contains(where: { $0 != nil }) {
        Self.clusteredError(scores, clusters, mean: mean)
      } else {
        Self.independentError(scores, mean: mean)
      }
  }

  /// Wilson's score interval of a proportion.
  ///
  /// - Parameters:
  ///   - proportion: Between 0 and 1.
  ///   - count: Number of trials, at least 1.
  ///   - deviate: Normal deviate of the level; the default is that of 95 %.
  /// - Returns: The bounds, within 0 and 1.
  public static func wilsonInterval(
    proportion: Double, count: Int, deviate: Double = 1.959_963_984_540_054
  ) -> ClosedRange<Double> {
    precondition((0...1).contains(proportion) && count > 0, "not a proportion")
    let trials = Double(count)
    let square = deviate * deviate
    let center = proportion + square / (2 * trials)
    let radicand = proportion * (1 - proportion) / trials + square / (4 * trials * trials)
    let radius = deviate * radicand.squareRoot()
    let scale = 1 + square / trials
    let low = proportion == 0 ? 0 : max(0, (center - radius) / scale)
    let high = proportion == 1 ? 1 : min(1, (center + radius) / scale)
    return low...high
  }

  private static func independentError(_ scores: [Double], mean: Double) -> Double? {
    guard scores.count > 1 else { return nil }
    let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(scores.count - 1) / Double(scores.count)).squareRoot()
  }

  private static func clusteredError(
    _ scores: [Double], _ clusters: [String?], mean: Double
  ) -> Double? {
    var residuals: [String: Double] = [:]
    var order: [String] = []
    var squares = 0.0
    for (score, cluster) in zip(scores, clusters) {
      guard let cluster else {
        squares += (score - mean) * (score - mean)
        continue
      }
      if residuals[cluster] == nil { order.append(cluster) }
      residuals[cluster, default: 0] += score - mean
    }
    let loneCount = clusters.count { $0 == nil }
    guard order.count + loneCount > 1 else { return nil }
    // In order of appearance: the order of a dictionary would change the last bits.
    squares += order.reduce(0) { $0 + (residuals[$1] ?? 0) * (residuals[$1] ?? 0) }
    return squares.squareRoot() / Double(scores.count)
  }
}
