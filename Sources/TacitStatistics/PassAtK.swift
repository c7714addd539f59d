/// Probability that at least one of k completions is right.
public enum PassAtK {
  /// The unbiased estimate for one sample.
  ///
  /// Source: Chen and others 2021, arXiv:2107.03374, equation 1. That of a dataset is ``Accuracy``
  /// over the estimates of its samples.
  ///
  /// - Parameters:
  ///   - k: From 1 to the number of repeats.
  ///   - repeats: Completions of the sample.
  ///   - correct: How many of them are right.
  /// - Returns: A probability.
  public static func estimate(_ k: Int, repeats: Int, correct: Int) -> Double {
    precondition((1...max(1, repeats)).contains(k) && repeats > 0, "k is 1 to the repeats")
    precondition((0...repeats).contains(correct), "no more are right than there are")
    let wrong = repeats - correct
    guard k <= wrong else { return 1 }
    // Probability that k drawn without replacement are all wrong.
    return 1 - (0..<k).reduce(1) { $0 * Double(wrong - $1) / Double(repeats - $1) }
  }
}
