/// MATH by the rule of the benchmark's own code: the last `\boxed`, rewritten and compared as text.
///
/// An earlier box does not stand in for a last one that is not closed.
public struct MATHNativeScorer: Scorer {
  /// "native".
  public static let name = "native"
  /// What counts as the answer.
  public static let rule = "the inside of the last \\boxed{…}, equal after MATH's own rewriting"

  /// Makes the scorer.
  public init() {}

  /// The inside of the last `\boxed{…}` as it stands.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    completion.ranges(of: "\\boxed").last
      .flatMap { leadingGroup(of: completion[$0.upperBound...]) }.map(String.init)
  }

  /// Whether the rewritten texts are equal, or the texts as they stand where one has no such form.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    guard let form = mathBenchmarkForm(answer), let target = mathBenchmarkForm(sample.target) else {
      return answer == sample.target
    }
    return form == target
  }
}

/// MATH by value: the last closed box after the thinking, or what follows the last `###`.
public struct MATHStrictScorer: Scorer {
  /// "strict".
  public static let name = "strict"
  /// What counts as the answer.
  public static let rule =
    "the last \\boxed{…} or else what follows the last ###, equal as a number, list or term"

  /// Makes the scorer.
  public init() {}

  /// The answer's canonical form, such as "1/2", "(3,-1/4)" or "2\sqrt{3}".
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let spoken = afterThinking(completion)
    guard let stated = lastBoxed(in: spoken) ?? afterLastMark(spoken).map(String.init) else {
      return nil
    }
    let form = canonicalMath(stated)
    return form.isEmpty ? nil : form
  }

  /// Whether the canonical forms are equal.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == canonicalMath(sample.target)
  }

  /// The target must have a canonical form.
  public func problem(with sample: EvaluationSample) -> String? {
    canonicalMath(sample.target).isEmpty ? "a term or number as the target" : nil
  }
}
