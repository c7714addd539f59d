/// GSM8K by the strict-match rule of lm-evaluation-harness: the first number after "#### ".
///
/// The pattern is `#### (\-?[0-9\.\,]+)`; dollar signs, commas, what precedes "#### " and one final
/// full stop are dropped from both sides, which are then compared as strings.
public struct GSM8KNativeScorer: Scorer {
  /// "native".
  public static let name = "native"
  /// What counts as the answer.
  public static let rule =
    "the first number after \"#### \", equal as text without commas and dollar signs"

  /// Makes the scorer.
  public init() {}

  /// What the pattern's group matches first, without commas and a final full stop.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    for mark in completion.ranges(of: "#### ") {
      var rest = completion[mark.upperBound...]
      let sign = rest.first == "-" ? "-" : ""
      if !sign.isEmpty { rest.removeFirst() }
      let digits = rest.prefix { "0123456789.,".contains($0) }
      if !digits.isEmpty { return normalized(sign + digits) }
    }
    return nil
  }

  /// Whether the strings are equal.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == normalized(sample.target)
  }

  private func normalized(_ text: some StringProtocol) -> String {
    var kept = String(text).filter { $0 != "," && $0 != "$" }
    if kept.last == "." { kept.removeLast() }
    return kept
  }
}

/// GSM8K by value: the last number after the thinking, in canonical form.
public struct GSM8KStrictScorer: Scorer {
  /// "strict".
  public static let name = "strict"
  /// What counts as the answer.
  public static let rule = "the last number after the thinking, equal by value"

  /// Makes the scorer.
  public init() {}

  /// The last number, such as "-1234.5".
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    lastNumber(in: String(afterThinking(completion)))
  }

  /// Whether it is the target's number.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == lastNumber(in: sample.target)
  }

  /// The target must hold a number.
  public func problem(with sample: EvaluationSample) -> String? {
    lastNumber(in: sample.target) == nil ? "a number as the target" : nil
  }
}

/// Any dataset with numbers as targets: the last number of the part that states the answer.
public struct NumberScorer: Scorer {
  /// "number".
  public static let name = "number"
  /// What counts as the answer.
  public static let rule = "the last number of the part that states the answer, equal by value"

  /// Makes the scorer.
  public init() {}

  /// The last number of ``answer(in:)``, such as "-1234.5".
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    lastNumber(in: TacitEval.answer(in: completion))
  }

  /// Whether it is the target's number.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == lastNumber(in: sample.target)
  }

  /// The target must hold a number.
  public func problem(with sample: EvaluationSample) -> String? {
    lastNumber(in: sample.target) == nil ? "a number as the target" : nil
  }
}

/// Any dataset: the part that states the answer equals the target, white space at the ends aside.
public struct ExactScorer: Scorer {
  /// "exact".
  public static let name = "exact"
  /// What counts as the answer.
  public static let rule = "the part that states the answer (box, after ###, or all), equal as text"

  /// Makes the scorer.
  public init() {}

  /// ``answer(in:)``, or nil when that is nothing.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let answer = TacitEval.answer(in: completion)
    return answer.isEmpty ? nil : answer
  }

  /// Whether the texts are equal.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == trimmed(sample.target)
  }
}
