/// The difference that a comparison of this size could have shown.
public enum DetectableDifference {
  /// Number of discordant pairs below which McNemar's exact p-value is above 5 % whatever happens.
  private static let fewestPairs = 6

  /// As ``smallest(pairCount:discordance:)``, with clusters of samples as the pairs.
  ///
  /// - Parameters:
  ///   - differences: Of the scores of each sample, between -1 and 1, at least one.
  ///   - clusters: Cluster of each sample; nil stands for a cluster of its own.
  /// - Returns: Above 0 and up to 1; nil below six clusters, which can show nothing.
  public static func smallest(differences: [Double], clusters: [String?]? = nil) -> Double? {
    let groups = Clusters(clusters, sampleCount: differences.count)
    let means = zip(groups.sums(differences), groups.sizes).map { $0 / $1 }
    let meanSquare = means.reduce(0) { $0 + $1 * $1 } / Double(groups.count)
    return smallest(pairCount: groups.count, discordance: meanSquare)
  }

  /// Smallest difference in accuracy that a two-sided test at 5 % finds with a power of 80 %.
  ///
  /// With ψ the discordance it is the δ of Connor 1987 ("Sample size for testing differences in
  /// proportions for the paired-sample design", Biometrics 43), where z₁ and z₂ are the normal
  /// deviates of level and power: z₁√ψ + z₂√(ψ - δ²) = δ√n. No two proportions differ by more than
  /// their discordance; where the observed one is less than δ, as when it is zero, ψ is δ itself.
  ///
  /// McNemar's exact test has a power of 75 to 80 % at this difference from 20 pairs on.
  ///
  /// - Parameters:
  ///   - pairCount: Number of independent pairs.
  ///   - discordance: Share of discordant pairs; where scores were averaged, the mean square of
  ///     their differences.
  /// - Returns: Above 0 and up to 1; nil below six pairs, which can show nothing.
  static func smallest(pairCount: Int, discordance: Double) -> Double? {
    precondition(pairCount > 0 && (0...1).contains(discordance), "not a share of pairs")
    guard pairCount >= fewestPairs else { return nil }
    let pairs = Double(pairCount)
    let level = NormalDistribution.deviate95
    let power = NormalDistribution.quantile(0.8)
    // Both cases are one quadratic equation, in δ/√ψ and in √δ.
    let radicand = pairs + power * power - level * level
    let root =
      (level * pairs.squareRoot() + power * radicand.squareRoot()) / (pairs + power * power)
    return root * max(root, discordance.squareRoot())
  }
}
