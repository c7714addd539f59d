import OrderedCollections
import TacitJSON
import TacitModel
import TacitStatistics

/// What a run amounts to: `results.json`.
public struct EvaluationResults: Sendable, Equatable {
  /// What one rule says over all completions.
  public struct Rule: Sendable, Equatable {
    /// Completions with the right answer.
    public var correct = 0
    /// Completions in which an answer was found.
    public var extracted = 0
  }

  /// The samples that need the same number of reasoning steps.
  public struct Hops: Sendable, Equatable {
    /// Number of reasoning steps.
    public var hops: Int
    /// Completions with the right answer.
    public var correct: Int
    /// Completions.
    public var completionCount: Int
    /// Their accuracy.
    public var accuracy: Accuracy
  }

  /// Samples.
  public var sampleCount: Int
  /// Samples times repeats.
  public var completionCount: Int
  /// Name of the rule that decides.
  public var decidingRule: String
  /// Mean score with its uncertainty.
  public var accuracy: Accuracy
  /// Results by rule, the deciding one among them.
  public var rules: OrderedDictionary<String, Rule>
  /// Completions that failed; each counts as wrong and not extracted.
  public var errorCount: Int
  /// Completions of pipelines that saw verdicts on the right answer: an upper bound, no result.
  public var oracleCount: Int
  /// Results by number of reasoning steps, ascending; empty when the dataset has none.
  public var byHops: [Hops]
  /// Completions by reason of their end, in alphabetical order.
  public var finishReasons: OrderedDictionary<String, Int>
  /// Whether costs were measured; in imported logs they were not, and those below say nothing.
  public var isMeasured: Bool
  /// Tokens of all prompts.
  public var promptTokens: Int
  /// Cost of all completions; the peak is the largest of them, not their sum.
  public var counts: Counts
  /// Seconds up to the first token, summed over completions; parallel ones count each.
  public var prefillSeconds: Double
  /// Seconds from the first token on, summed likewise.
  public var decodeSeconds: Double

  /// Completions with the right answer.
  public var correctCount: Int { rules[decidingRule]?.correct ?? 0 }
  /// Completions whose pipeline came to its end; nothing is known of the costs of the others.
  public var finishedCount: Int { finishReasons.values.reduce(0, +) }
  /// A total of costs per completion that has costs; nil where none has.
  public func mean(_ total: Double) -> Double? {
    isMeasured && finishedCount > 0 ? total / Double(finishedCount) : nil
  }
  /// What tables add to the run's name: whether its accuracy is that of an oracle.
  var mark: String { oracleCount > 0 ? " (oracle)" : "" }
  /// Completions in which the deciding rule found an answer.
  public var extractedCount: Int { rules[decidingRule]?.extracted ?? 0 }

  /// Adds records up.
  /// - Parameter records: At least one; the repeats of a sample need not be neighbours.
  public init(_ records: [SampleRecord]) {
    precondition(!records.isEmpty, "no records")
    decidingRule = records[0].decidingRule
    completionCount = records.count
    errorCount = records.count { $0.error != nil }
    oracleCount = records.count(where: \.isOracle)
    rules = [:]
    isMeasured = records.allSatisfy(\.isMeasured)
    promptTokens = 0
    counts = Counts()
    prefillSeconds = 0
    decodeSeconds = 0
    var reasons: [String: Int] = [:]
    for record in records {
      for (rule, verdict) in record.scores {
        rules[rule, default: Rule()].correct += verdict.isCorrect ? 1 : 0
        rules[rule, default: Rule()].extracted += verdict.answer == nil ? 0 : 1
      }
      if let reason = record.finishReason { reasons[reason, default: 0] += 1 }
      promptTokens += record.promptTokens
      counts += record.counts
      prefillSeconds += record.prefillSeconds
      decodeSeconds += record.decodeSeconds
    }
    finishReasons = OrderedDictionary(
      uniqueKeysWithValues: reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    let bySample = OrderedDictionary(grouping: records, by: \.id)
    sampleCount = bySample.count
    accuracy = Self.accuracy(of: records)
    byHops = Dictionary(grouping: records.filter { $0.hops != nil }) { $0.hops ?? 0 }
      .sorted { $0.key < $1.key }
      .map { hops, records in
        Hops(
          hops: hops, correct: records.count(where: \.verdict.isCorrect),
          completionCount: records.count, accuracy: Self.accuracy(of: records))
      }
  }

  private static func accuracy(of records: [SampleRecord]) -> Accuracy {
    let samples = OrderedDictionary(grouping: records, by: \.id).values
    return Accuracy(
      scores: samples.map { repeats in
        Double(repeats.count(where: \.verdict.isCorrect)) / Double(repeats.count)
      },
      clusters: samples.map { $0.first?.cluster })
  }
}
