/// How far the evaluation of a pipeline is.
public struct EvaluationProgress: Sendable, Equatable {
  /// Completions with a line.
  public private(set) var done: Int
  /// Completions that the run consists of.
  public let total: Int
  /// Completions that an earlier, interrupted run left.
  public let resumed: Int
  /// Completions with the right answer.
  public private(set) var correct: Int
  /// Completions that failed.
  public private(set) var errors: Int

  init(_ records: [SampleRecord], of total: Int) {
    done = records.count
    self.total = total
    resumed = records.count
    correct = records.count(where: \.verdict.isCorrect)
    errors = records.count { $0.error != nil }
  }

  /// Describes a state of work.
  public init(done: Int, total: Int, resumed: Int = 0, correct: Int, errors: Int = 0) {
    self.done = done
    self.total = total
    self.resumed = resumed
    self.correct = correct
    self.errors = errors
  }

  mutating func count(_ record: SampleRecord) {
    done += 1
    correct += record.verdict.isCorrect ? 1 : 0
    errors += record.error == nil ? 0 : 1
  }

  /// Share of right answers so far; nil before the first.
  public var accuracy: Double? { done > 0 ? Double(correct) / Double(done) : nil }

  /// Its standard error with completions taken as independent; nil before the second.
  public var standardError: Double? {
    guard let accuracy, done > 1 else { return nil }
    return (accuracy * (1 - accuracy) / Double(done - 1)).squareRoot()
  }
}
