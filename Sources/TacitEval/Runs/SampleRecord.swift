import OrderedCollections
import TacitJSON
import TacitModel
import TacitReasoning

/// One line of `samples.jsonl`: what became of one sample in one repeat.
///
/// All fields but the two that end in `_seconds` are the same whenever the run is repeated.
public struct SampleRecord: Sendable, Equatable {
  /// Id of the sample.
  public var id: String
  /// Number of the repeat, from 0.
  public var repeatIndex: Int
  /// The question put.
  public var question: String
  /// The right answer.
  public var target: String
  /// Cluster of the sample, where the dataset has clusters.
  public var cluster: String?
  /// Reasoning steps that the answer needs, where the dataset knows them.
  public var hops: Int?
  /// The emitted text; empty when the pipeline failed.
  public var completion = ""
  /// Verdicts by rule.
  public var scores: OrderedDictionary<String, Verdict> = [:]
  /// The rule whose verdict is the score.
  public var decidingRule = ""
  /// Why the pipeline stopped; nil when it failed.
  public var finishReason: String?
  /// Why the pipeline failed, or the scorer on its completion.
  public var error: String?
  /// Whether the pipeline saw a verdict that knows the right answer.
  public var isOracle = false
  /// Whether the costs below were measured; in imported logs they were not and say nothing.
  public var isMeasured = true
  /// Tokens of the prompt.
  public var promptTokens = 0
  /// What the completion cost.
  public var counts = Counts()
  /// Wall-clock time up to the first emitted token.
  public var prefillSeconds = 0.0
  /// Wall-clock time from the first emitted token on.
  public var decodeSeconds = 0.0

  /// The verdict that counts.
  public var verdict: Verdict {
    scores[decidingRule] ?? Verdict(answer: nil, isCorrect: false)
  }

  /// Marks a completion; when the scorer fails on it, the record says so and keeps the completion.
  public init(
    _ sample: EvaluationSample, repeat repeatIndex: Int, completion: Completion, scoring: Scoring
  ) {
    self.init(sample, repeat: repeatIndex)
    self.completion = completion.text
    finishReason = completion.finishReason.rawValue
    isOracle = completion.isOracle
    promptTokens = completion.promptTokenIDs.count
    counts = completion.counts
    prefillSeconds = completion.secondsToFirstToken
    decodeSeconds = max(0, completion.seconds - completion.secondsToFirstToken)
    do {
      try mark(by: scoring, for: sample)
    } catch {
      fail("\(error)", under: scoring)
    }
  }

  /// Records a failure; it counts as wrong and not extracted.
  public init(
    _ sample: EvaluationSample, repeat repeatIndex: Int, error: any Error, scoring: Scoring
  ) {
    self.init(sample, repeat: repeatIndex)
    fail("\(error)", under: scoring)
  }

  /// A record without a completion, verdicts and costs.
  init(_ sample: EvaluationSample, repeat repeatIndex: Int) {
    id = sample.id
    self.repeatIndex = repeatIndex
    question = sample.question
    target = sample.target
    cluster = sample.cluster
    hops = sample.hops
  }

  /// Marks the stored completion again; where the pipeline failed there is none to mark.
  /// - Throws: what a grader throws; the record is then as it was.
  public mutating func mark(by scoring: Scoring, for sample: EvaluationSample) throws {
    if finishReason == nil, let error {
      fail(error, under: scoring)
      return
    }
    let verdicts = try scoring.verdicts(on: completion, for: sample)
    scores = OrderedDictionary(uniqueKeysWithValues: verdicts.map { ($0.rule, $0.verdict) })
    decidingRule = scoring.decidingRule
    error = nil
  }

  private mutating func fail(_ error: String, under scoring: Scoring) {
    self.error = error
    decidingRule = scoring.decidingRule
    scores = [:]
    for scorer in scoring.scorers {
      scores[type(of: scorer).name] = Verdict(answer: nil, isCorrect: false)
    }
  }
}
