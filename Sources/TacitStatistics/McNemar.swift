/// Outcomes of two recipes on the same samples, and McNemar's test that both are right as often.
///
/// Samples count as independent. Where they form clusters, ``SignFlipTest`` on the differences of
/// scores keeps its size; without clusters it asks the same question.
public struct McNemar: Sendable, Equatable {
  /// Samples that both answer.
  public var bothRight: Int
  /// Samples that only the baseline answers.
  public var onlyBaselineRight: Int
  /// Samples that only the candidate answers.
  public var onlyCandidateRight: Int
  /// Samples that neither answers.
  public var bothWrong: Int

  /// The table itself.
  public init(
    bothRight: Int, onlyBaselineRight: Int, onlyCandidateRight: Int, bothWrong: Int
  ) {
    precondition(
      min(bothRight, onlyBaselineRight, onlyCandidateRight, bothWrong) >= 0, "counts are from 0")
    self.bothRight = bothRight
    self.onlyBaselineRight = onlyBaselineRight
    self.onlyCandidateRight = onlyCandidateRight
    self.bothWrong = bothWrong
  }

  /// Counts pairs of outcomes, at least one, in the order of the same samples.
  public init(baseline: [Bool], candidate: [Bool]) {
    precondition(!baseline.isEmpty, "no outcomes")
    precondition(baseline.count == candidate.count, "outcomes come in pairs")
    let pairs = zip(baseline, candidate)
    self.init(
      bothRight: pairs.count { $0 && $1 }, onlyBaselineRight: pairs.count { $0 && !$1 },
      onlyCandidateRight: pairs.count { !$0 && $1 }, bothWrong: pairs.count { !$0 && !$1 })
  }

  /// Number of samples.
  public var pairCount: Int { bothRight + discordantCount + bothWrong }

  /// Samples that exactly one of the two answers.
  public var discordantCount: Int { onlyBaselineRight + onlyCandidateRight }

  /// The exact two-sided p-value, from the binomial distribution; 1 when no pair is discordant.
  public var pValue: Double {
    let rarer = min(onlyBaselineRight, onlyCandidateRight)
    guard 2 * rarer < discordantCount else { return 1 }
    // Probability of at most `rarer` heads among as many throws of a fair coin.
    let tail = IncompleteBeta.regularized(
      0.5, Double(discordantCount - rarer), Double(rarer + 1))
    return min(1, 2 * tail)
  }
}
