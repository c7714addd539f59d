/// Says what a completion answers and whether that is right.
public protocol Grader: Sendable {
  /// Name within its family: "native", "strict", or the family's own name if it has one rule.
  static var name: String { get }

  /// The answer that a completion gives and whether it is right.
  ///
  /// The same completion and sample always get the same verdict.
  /// - Throws: what a rule of the user's own throws when it fails.
  func verdict(on completion: String, for sample: EvaluationSample) throws -> Verdict

  /// What a sample lacks so that it could be graded, or nil when it lacks nothing.
  func problem(with sample: EvaluationSample) -> String?
}

extension Grader {
  /// Every sample can be graded.
  public func problem(with sample: EvaluationSample) -> String? { nil }
}

extension Scorer {
  /// The extracted answer, right if ``isCorrect(_:for:)`` says so.
  public func verdict(on completion: String, for sample: EvaluationSample) -> Verdict {
    guard let answer = extract(completion, for: sample) else {
      return Verdict(answer: nil, isCorrect: false)
    }
    return Verdict(answer: answer, isCorrect: isCorrect(answer, for: sample))
  }
}
