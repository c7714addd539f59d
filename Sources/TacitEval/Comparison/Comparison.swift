/// Runs over the same samples, side by side, each against one of them.
///
/// Only samples that every run has completed in all of its repeats take part.
public struct Comparison: Sendable, Equatable {
  /// One run.
  public struct RunResults: Sendable, Equatable {
    /// The run's label.
    public var label: String
    /// What the run amounts to over the samples that take part.
    public var results: EvaluationResults
    /// What the repeats say, where there is more than one.
    public var repeats: RepeatedResults?
  }

  /// Completions by who is right.
  public struct Outcomes: Sendable, Equatable {
    /// Both are right.
    public var both = 0
    /// Only the run is right, not the baseline.
    public var onlyRun = 0
    /// Only the baseline is right.
    public var onlyBaseline = 0
    /// Neither is right.
    public var neither = 0
  }

  /// How the hypothesis of equal accuracy was tested.
  public enum Test: String, Sendable {
    /// McNemar's exact test over samples.
    case mcnemar
    /// Signs of the differences between samples, or clusters of them, flipped at random.
    case signFlip = "sign_flip"
  }

  /// A cost of the run as a multiple of the baseline's.
  public struct Cost: Sendable, Equatable {
    /// What is counted.
    public enum Quantity: String, Sendable, CaseIterable {
      /// Emitted tokens.
      case tokens
      /// Rows that the model read.
      case positions
      /// Floating-point operations.
      case floatingPointOperations = "flops"
    }

    /// What is counted.
    public var quantity: Quantity
    /// The run's total over the baseline's; nil when the baseline spent nothing.
    public var ratio: Double?
    /// 95 % interval by the bootstrap over samples.
    public var interval: ClosedRange<Double>?
    /// p-value of equal cost, by flipping the signs of the samples' differences.
    public var pValue: Double
  }

  /// Wall-clock time of the run as a multiple of the baseline's, sample by sample.
  public struct Latency: Sendable, Equatable {
    /// Ratio of geometric means.
    public var ratio: Double
    /// 95 % interval by Student's t over the logarithms; nil with one sample.
    public var interval: ClosedRange<Double>?
    /// Samples whose ratio is far from the others'.
    public var outlierCount: Int
  }

  /// A run against the baseline.
  public struct Pair: Sendable, Equatable {
    /// Index of the run among ``Comparison/runs``.
    public var run: Int
    /// Accuracy of the run minus that of the baseline.
    public var difference: Double
    /// Its standard error over pairs of samples, or of clusters; nil for one.
    public var standardError: Double?
    /// Its 95 % interval by the paired bootstrap; nil for one.
    public var interval: ClosedRange<Double>?
    /// How equality was tested.
    public var test: Test
    /// p-value of that test.
    public var pValue: Double
    /// The p-value after Holm's adjustment over all pairs.
    public var adjustedPValue: Double
    /// Completions by who is right.
    public var outcomes: Outcomes
    /// The smallest difference that so many samples would show in four of five cases; nil when
    /// they are too few to show any.
    public var detectableDifference: Double?
    /// Costs; empty when one of the two runs does not know its own.
    public var costs: [Cost]
    /// Time; nil when one of the two runs does not know its own.
    public var latency: Latency?

    /// Whether the difference is significant at 5 % after adjustment.
    public var isSettled: Bool { adjustedPValue < 0.05 }
  }

  /// The runs, in the order given.
  public var runs: [RunResults]
  /// Index of the run that the others are compared with.
  public var baseline: Int
  /// Every other run against it, in the order of the runs.
  public var pairs: [Pair]
  /// Samples that take part.
  public var sampleCount: Int
  /// Samples that some but not all runs have completed.
  public var leftOutCount: Int
  /// Completions per sample.
  public var repeatCount: Int
}

/// What repeated completions of the same samples show.
public struct RepeatedResults: Sendable, Equatable {
  /// Chance that at least one of k completions is right, by k from 1 to the number of repeats.
  public var passAtK: [Double]
  /// Share of samples whose most frequent answer is right.
  public var majorityAccuracy: Double
}
