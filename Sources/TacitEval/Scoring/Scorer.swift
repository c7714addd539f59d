import TacitFault

/// Finds the answer in a completion and says whether it is right, in two steps.
public protocol Scorer: Grader {
  /// What is taken as the answer and when it is right, in a line for listings.
  static var rule: String { get }

  /// The answer that a completion gives, or nil when it gives none in a form this scorer knows.
  func extract(_ completion: String, for sample: EvaluationSample) -> String?

  /// Whether an extracted answer is right.
  func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool
}

/// What one scorer made of one completion.
public struct Verdict: Sendable, Equatable {
  /// The answer found, or nil.
  public var answer: String?
  /// Whether it is right; never true without an answer.
  public var isCorrect: Bool

  /// States a verdict.
  public init(answer: String?, isCorrect: Bool) {
    self.answer = answer
    self.isCorrect = isCorrect
  }
}

/// The scorers that mark a dataset; all verdicts are recorded and one of them is the score.
///
/// "native" is the rule of the benchmark's own code with its flaws, for comparison with published
/// figures; "strict" is the rule of this project.
public struct Scoring: Sendable {
  /// Name with its rule, such as "prosqa.strict" or "exact".
  public let name: String
  /// The scorers in the order in which they are recorded.
  public let scorers: [any Grader]
  /// Name of the scorer whose verdict is the score.
  public let decidingRule: String

  private static let families: [(name: String, scorers: [any Scorer])] = [
    ("prosqa", [ProsQAStrictScorer(), ProsQANativeScorer()]),
    ("gsm8k", [GSM8KStrictScorer(), GSM8KNativeScorer()]),
    ("math", [MATHStrictScorer(), MATHNativeScorer()]),
    ("choice", [ChoiceStrictScorer(), ChoiceNativeScorer()]),
    ("yesno", [YesNoScorer()]),
    ("exact", [ExactScorer()]),
    ("number", [NumberScorer()]),
  ]

  /// Every scorer by name, with what it takes as the answer.
  public static var rules: [(name: String, rule: String)] {
    families.flatMap { family in
      family.scorers.map { scorer in
        let type = type(of: scorer)
        let isAlone = family.scorers.count == 1
        return (isAlone ? family.name : "\(family.name).\(type.name)", type.rule)
      }
    }
  }

  /// Every name that ``named(_:)`` takes; the short form "prosqa" means "prosqa.strict".
  public static var names: [String] { rules.map(\.name) }

  /// Looks a scorer up.
  /// - Throws: ``Fault`` when there is none of that name.
  public static func named(_ name: String) throws(Fault) -> Scoring {
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let family = families.first(where: { $0.name == parts[0] }),
      let deciding = family.scorers.first(where: {
        parts.count == 1 || type(of: $0).name == parts[1]
      }), family.scorers.count > 1 || parts.count == 1
    else {
      throw Fault(
        name, expected: "a scorer", found: "none of that name",
        hint: "scorers: \(names.joined(separator: ", "))")
    }
    let rule = type(of: deciding).name
    return Scoring(
      name: family.scorers.count == 1 ? family.name : "\(family.name).\(rule)",
      scorers: family.scorers, decidingRule: rule)
  }

  /// A grader that is none of this module's; it decides alone.
  /// - Parameters:
  ///   - name: What the manifest of a run tells graders apart by.
  ///   - grader: Marks the completions.
  public init(name: String, grader: some Grader) {
    self.init(name: name, scorers: [grader], decidingRule: type(of: grader).name)
  }

  private init(name: String, scorers: [any Grader], decidingRule: String) {
    self.name = name
    self.scorers = scorers
    self.decidingRule = decidingRule
  }

  /// The verdicts of all scorers, by name of the scorer, in their order.
  /// - Throws: what a grader throws.
  public func verdicts(
    on completion: String, for sample: EvaluationSample
  ) throws -> [(rule: String, verdict: Verdict)] {
    try scorers.map { scorer in
      (type(of: scorer).name, try scorer.verdict(on: completion, for: sample))
    }
  }

  /// 1 for a completion that the deciding rule takes as right, else 0.
  /// - Throws: what a grader throws.
  public func score(_ completion: String, for sample: EvaluationSample) throws -> Double {
    let verdicts = try verdicts(on: completion, for: sample)
    return verdicts.contains { $0.rule == decidingRule && $0.verdict.isCorrect } ? 1 : 0
  }

  /// What a sample lacks to be marked, or nil.
  public func problem(with sample: EvaluationSample) -> String? {
    scorers.lazy.compactMap { $0.problem(with: sample) }.first
  }
}
