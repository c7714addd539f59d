import OrderedCollections
import TacitFault
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
  /// So many of the first samples are put to every pipeline beforehand without being recorded.
  public var warmUpCount = 0

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

  /// Runs, or goes on with interrupted runs of the same ingredients.
  ///
  /// Every sample is put to all pipelines before the next sample, in turns forwards and backwards
  /// (A B, B A), so that what changes on the machine in the meantime changes it for all of them.
  /// Lines are written in the dataset's order: a completion that overtakes others of its
  /// pipeline waits for them, and at most four times `concurrency` are under way or waiting. When
  /// the task is cancelled, or a body throws `CancellationError`, every line of a pipeline before
  /// its first missing one is on disk.
  ///
  /// - Parameters:
  ///   - pipelines: What answers, each with a folder of its own.
  ///   - progress: Told how far each pipeline is, once at the start and after every line.
  /// - Returns: What the runs amount to, earlier parts included.
  /// - Throws: ``Fault`` as ``RunWriter``, `CancellationError`, or with `failFast` what
  ///   a body threw.
  public func run(
    _ pipelines: [EvaluatedPipeline], progress: ([EvaluationProgress]) -> Void = { _ in }
  ) async throws -> [EvaluationResults] {
    precondition(repeats > 0 && concurrency > 0 && limit ?? 1 > 0, "counts begin at 1")
    guard !samples.isEmpty else {
      throw Fault(dataset.name, expected: "at least one sample", found: "none")
    }
    let writers = try pipelines.map { pipeline in
      try RunWriter(
        folder: pipeline.folder, manifest: try manifest(of: pipeline), samples: samples,
        repeats: repeats, tracing: pipeline.isTraced)
    }
    var states = writers.map { EvaluationProgress($0.records, of: samples.count * repeats) }
    progress(states)
    if writers.contains(where: { !$0.isComplete }) { try await warmUp(pipelines) }
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      try await fill(writers, pipelines, from: &group) { index, record in
        states[index].count(record)
        progress(states)
      }
    }
    return try writers.map { try $0.finish() }
  }

  /// What a run of a pipeline is recorded with.
  /// - Throws: ``Fault`` when a number among the ingredients is NaN or infinite.
  public func manifest(of pipeline: EvaluatedPipeline) throws(Fault) -> RunManifest {
    try RunManifest(
      ingredients: pipeline.ingredients.merging(ingredients) { $1 },
      environment: pipeline.environment)
  }

  /// Makes memory and caches ready; a failure is left to the recorded completion to report.
  private func warmUp(_ pipelines: [EvaluatedPipeline]) async throws {
    for sample in samples.prefix(warmUpCount) {
      for pipeline in pipelines {
        _ = try? await pipeline.body(sample, 0)
        try Task.checkCancellation()
      }
    }
  }

  /// What became of one body call.
  private struct Outcome: Sendable {
    var job: Interleaving.Job
    var record: SampleRecord
    var trace: [TraceStep] = []
  }

  private func fill(
    _ writers: [RunWriter], _ pipelines: [EvaluatedPipeline],
    from group: inout ThrowingTaskGroup<Outcome, any Error>,
    written: (_ pipeline: Int, SampleRecord) -> Void
  ) async throws {
    var jobs = Interleaving(
      pipelines: pipelines.count, completions: samples.count * repeats,
      done: writers.map(\.records.count))
    var running = 0
    var waiting: [Interleaving.Job: Outcome] = [:]
    func startJobs(in group: inout ThrowingTaskGroup<Outcome, any Error>) {
      while running < concurrency, running + waiting.count < 4 * concurrency,
        let job = jobs.next()
      {
        group.addTask { try await complete(job, pipelines[job.pipeline].body) }
        running += 1
      }
    }
    try Task.checkCancellation()
    startJobs(in: &group)
    while let outcome = try await group.next() {
      running -= 1
      waiting[outcome.job] = outcome
      // What is due is written while the next completions are under way.
      if !Task.isCancelled { startJobs(in: &group) }
      let pipeline = outcome.job.pipeline
      let writer = writers[pipeline]
      while let due = waiting.removeValue(
        forKey: .init(pipeline: pipeline, completion: writer.records.count))
      {
        try writer.append(due.record, trace: due.trace)
        written(pipeline, due.record)
      }
      try Task.checkCancellation()
      startJobs(in: &group)
    }
  }

  private func complete(
    _ job: Interleaving.Job, _ body: EvaluatedPipeline.Body
  ) async throws -> Outcome {
    let sample = samples[samples.startIndex + job.completion / repeats]
    let repeatIndex = job.completion % repeats
    do {
      let completion = try await body(sample, repeatIndex)
      let record = SampleRecord(
        sample, repeat: repeatIndex, completion: completion, scoring: dataset.scoring)
      if failFast, let error = record.error {
        throw Fault(
          dataset.scoring.name, expected: "a verdict on sample '\(sample.id)'", found: error)
      }
      return Outcome(job: job, record: record, trace: completion.trace)
    } catch {
      // An error that a cancelled engine raises says nothing about the sample.
      try Task.checkCancellation()
      if failFast || error is CancellationError { throw error }
      return Outcome(
        job: job,
        record: SampleRecord(
          sample, repeat: repeatIndex, error: error, scoring: dataset.scoring))
    }
  }
}

/// Something that answers the samples of an evaluation, and where that is recorded.
public struct EvaluatedPipeline: Sendable {
  /// Completes one sample in one repeat, counted from 0.
  public typealias Body =
    @Sendable (EvaluationSample, _ repeatIndex: Int) async throws -> Completion

  /// The run folder, made when absent.
  public var folder: String
  /// What can change an answer and is not the evaluation's: recipe, model, seed.
  public var ingredients: OrderedDictionary<String, JSON>
  /// What else the manifest tells its reader.
  public var environment: OrderedDictionary<String, JSON> = [:]
  /// Whether steps are written to `trace.jsonl`.
  public var isTraced = false
  /// What answers.
  public var body: Body

  /// Names a folder and what answers.
  public init(
    folder: String, ingredients: OrderedDictionary<String, JSON>, body: @escaping Body
  ) {
    self.folder = folder
    self.ingredients = ingredients
    self.body = body
  }
}
