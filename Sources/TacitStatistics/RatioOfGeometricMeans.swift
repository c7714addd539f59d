#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many times a baseline's latency a candidate typically takes on the same samples.
///
/// The geometric mean of the paired ratios: doubling and halving weigh the same, and samples that
/// take long weigh no more than others.
public struct RatioOfGeometricMeans: Sendable, Equatable {
  /// Candidate over baseline.
  public var ratio: Double
  /// Student's t interval on the logarithms at 95 %; nil for a single pair.
  ///
  /// Without any variance it is the ratio alone.
  public var confidenceInterval: ClosedRange<Double>?
  /// Pairs whose logarithm has a modified z-score above 3.5 (Iglewicz and Hoaglin 1993).
  ///
  /// The score is 0.6745 times the distance from the median, in median absolute deviations. Where
  /// these are zero, all pairs that differ from the median count.
  public var outlierCount: Int

  /// Compares two lists of latencies.
  ///
  /// - Parameters:
  ///   - baseline: Finite and above 0, one per sample, at least one.
  ///   - candidate: Likewise, in the order of the same samples.
  public init(baseline: [Double], candidate: [Double]) {
    precondition(baseline.count == candidate.count, "latencies come in pairs")
    precondition(
      (baseline + candidate).allSatisfy { $0 > 0 && $0.isFinite }, "latencies are above zero")
    let groups = Clusters(nil, sampleCount: baseline.count)
    let logarithms = zip(baseline, candidate).map { log($1) - log($0) }
    let mean = logarithms.reduce(0, +) / Double(logarithms.count)
    ratio = exp(mean)
    confidenceInterval = groups.standardError(of: logarithms, mean: mean).map { error in
      let student = StudentDistribution(degreesOfFreedom: Double(logarithms.count - 1))
      let radius = student.upperQuantile(0.025) * error
      return exp(mean - radius)...exp(mean + radius)
    }
    outlierCount = Self.outlierCount(logarithms)
  }

  private static func outlierCount(_ values: [Double]) -> Int {
    let center = median(values)
    let distances = values.map { abs($0 - center) }
    let deviation = median(distances)
    return distances.count { 0.6745 * $0 > 3.5 * deviation }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
