import OrderedCollections
import TacitJSON
import TacitReasoning

/// Puts the samples of a dataset to something that answers, and records the run.
public struct Evaluation: Sendable {
  /// The samples and how they are marked.
  public var dataset: Dataset
  /// Only so many of the first samples, at least 1; all when nil.
  public var limit: Int?
  /// How often each sample is put, at least 1.
  public var repeats = 1
  /// How many completions are under way at a time, at least 1.
  public var concurrency = 1
  /// Whether the first sample that fails ends the run; else it is recorded and scores 0.
  public var failFast = false
  /// Whether steps are written to `trace.jsonl`.
  public var tracing = false

  /// Evaluates all samples once, one after the other.
  public init(_ dataset: Dataset) { self.dataset = dataset }

  /// The samples that take part.
  public var samples: ArraySlice<EvaluationSample> {
    dataset.samples.prefix(limit ?? dataset.samples.count)
  }

  /// What this evaluation contributes to the ingredients of a run: `dataset` and `repeats`.
  ///
  /// The limit is not among them, because it changes no answer.
  public var ingredients: OrderedDictionary<String, JSON> {
    [
      "dataset": [
        "name": .string(dataset.name), "sha256": .string(dataset.sha256),
        "format": .string(dataset.format.rawValue), "scorer": .string(dataset.scoring.name),
      ],
      "repeats": .integer(repeats),
    ]
  }

  /// Runs, or goes on with an interrupted run of the same ingredients.
  ///
  /// Lines are written in the dataset's order: a completion that overtakes others waits for them,
  /// and at most four times `concurrency` are under way or waiting. When the task is cancelled,
  /// or a body throws `CancellationError`, every line before the first missing one is on disk.
  ///
  /// - Parameters:
  ///   - folder: The run folder, made when absent.
  ///   - ingredients: Everything else that can change an answer: recipe, model, seed.
  ///   - environment: What else the manifest tells its reader.
  ///   - body: Completes one sample in one repeat, counted from 0.
  ///   - progress: Told once at the start and after every line.
  /// - Returns: What the run amounts to, earlier parts included.
  /// - Throws: ``EvaluationError`` as ``RunWriter``, `CancellationError`, or with `failFast` what
  ///   the body threw.
  public func run(
    folder: String, ingredients: OrderedDictionary<String, JSON>,
    environment: OrderedDictionary<String, JSON> = [:],
    body: @escaping @Sendable (EvaluationSample, _ repeatIndex: Int) async throws -> Completion,
    progress: (EvaluationProgress) -> Void = { _ in }
  ) async throws -> EvaluationResults {
    precondition(repeats > 0 && concurrency > 0 && limit ?? 1 > 0, "counts begin at 1")
    guard !samples.isEmpty else {
      throw EvaluationError(
        .dataset, dataset.name, expected: "at least one sample", found: "none")
    }
    let manifest = try RunManifest(
      ingredients: ingredients.merging(self.ingredients) { $1 }, environment: environment)
    let writer = try RunWriter(
      folder: folder, manifest: manifest, samples: samples, repeats: repeats, tracing: tracing)
    var state = EvaluationProgress(writer.records, of: samples.count * repeats)
    progress(state)
    if !writer.isComplete {
      try await withThrowingTaskGroup(of: Outcome.self) { group in
        try await fill(writer, from: &group, body: body) { record in
          state.count(record)
          progress(state)
        }
      }
    }
    return try writer.finish()
  }

  /// What became of one body call.
  private struct Outcome: Sendable {
    var index: Int
    var record: SampleRecord
    var trace: [TraceStep] = []
  }

  private func fill(
    _ writer: RunWriter, from group: inout ThrowingTaskGroup<Outcome, any Error>,
    body: @escaping @Sendable (EvaluationSample, Int) async throws -> Completion,
    written: (SampleRecord) -> Void
  ) async throws {
    let count = samples.count * repeats
    var started = writer.records.count
    var running = 0
    var waiting: [Int: Outcome] = [:]
    while !writer.isComplete {
      try Task.checkCancellation()
      while running < concurrency, started < min(count, writer.records.count + 4 * concurrency) {
        let index = started
        group.addTask { try await complete(index, body: body) }
        started += 1
        running += 1
      }
      guard let outcome = try await group.next() else { break }
      running -= 1
      waiting[outcome.index] = outcome
      while let due = waiting.removeValue(forKey: writer.records.count) {
        try writer.append(due.record, trace: due.trace)
        written(due.record)
      }
    }
  }

  private func complete(
    _ index: Int, body: @Sendable (EvaluationSample, Int) async throws -> Completion
  ) async throws -> Outcome {
    let sample = samples[samples.startIndex + index / repeats]
    let repeatIndex = index % repeats
    do {
      let completion = try await body(sample, repeatIndex)
      return Outcome(
        index: index,
        record: SampleRecord(
          sample, repeat: repeatIndex, completion: completion, scoring: dataset.scoring),
        trace: completion.trace)
    } catch {
      // An error that a cancelled engine raises says nothing about the sample.
      try Task.checkCancellation()
      if failFast || error is CancellationError { throw error }
      return Outcome(
        index: index,
        record: SampleRecord(
          sample, repeat: repeatIndex, error: error, scoring: dataset.scoring))
    }
  }
}

/// How far an evaluation is.
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
