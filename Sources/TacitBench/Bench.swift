import TacitFault
import TacitModel

/// Runs workloads through the engine as stages do: a task for each session, batched by the scheduler.
public struct Bench: Sendable {
  /// How far a measurement is.
  public enum Progress: Sendable {
    /// Sessions read what they decode from.
    case readingContexts(count: Int)
    /// A repetition begins, from 1; 0 is the one that is not timed.
    case repetition(Int, of: Int, Workload, sessions: Int)
    /// A line is complete.
    case finished(BenchResult)
  }

  private let model: BenchModel
  private let settings: BenchSettings

  /// Prepares to measure a model.
  /// - Throws: ``Fault`` when the model is too short for the settings.
  public init(_ model: BenchModel, settings: BenchSettings) throws(Fault) {
    try settings.check(model.configuration)
    self.model = model
    self.settings = settings
  }

  /// Measures every workload with every number of sessions.
  /// - Parameter progress: Is told how far it is.
  /// - Returns: a result for each, in the order of the settings.
  /// - Throws: `CancellationError`.
  public func run(_ progress: (Progress) -> Void) async throws -> [BenchResult] {
    var prompts = PromptSource(
      vocabularySize: model.configuration.vocabularySize, seed: settings.seed)
    var contexts: [LiveSession] = []
    var results: [BenchResult] = []
    for workload in settings.workloads {
      if workload != .prefill, contexts.isEmpty {
        contexts = makeSessions(
          settings.sessionCounts.max() ?? 0, length: settings.contextLength, &prompts)
        progress(.readingContexts(count: contexts.count))
        _ = try await measure(contexts) { try await $0.read() }
      }
      for count in settings.sessionCounts(of: workload) {
        var measurements: [Measurement] = []
        for repetition in 0...settings.repetitionCount {
          progress(
            .repetition(repetition, of: settings.repetitionCount, workload, sessions: count))
          let measurement: Measurement
          if workload == .prefill {
            let sessions = makeSessions(count, length: settings.promptLength, &prompts)
            measurement = try await measure(sessions) { try await $0.read() }
          } else {
            measurement = try await measure(Array(contexts.prefix(count)), workload)
          }
          if repetition > 0 { measurements.append(measurement) }
        }
        results.append(result(workload, sessionCount: count, measurements))
        progress(.finished(results[results.count - 1]))
      }
    }
    return results
  }

  private func makeSessions(
    _ count: Int, length: Int, _ prompts: inout PromptSource
  ) -> [LiveSession] {
    (0..<count).map { _ in LiveSession(model.network, prompt: prompts.next(length: length)) }
  }

  private func result(
    _ workload: Workload, sessionCount: Int, _ measurements: [Measurement]
  ) -> BenchResult {
    BenchResult(
      workload: workload, sessionCount: sessionCount,
      positionCount: workload == .prefill ? settings.promptLength : settings.stepCount,
      stepCount: workload == .prefill ? 1 : settings.stepCount,
      seconds: Repetitions(measurements.map(\.seconds)),
      floatingPointOperations: measurements[0].floatingPointOperations,
      weightByteCount: model.traffic.bytes(
        perStepOf: workload, sessions: sessionCount, promptLength: settings.promptLength,
        batchRows: Network.maximumBatchRows),
      keyValueBytesRead: sessionCount
        * model.network.keyValueBytes(readBy: workload, settings: settings),
      keyValueByteCount: measurements[0].keyValueByteCount)
  }
}

// MARK: One repetition

extension Bench {
  private struct Measurement {
    let seconds: Double
    let floatingPointOperations: Double
    let keyValueByteCount: Int
  }

  /// Steps of sessions that have read their contexts, which are then as they were.
  private func measure(
    _ sessions: [LiveSession], _ workload: Workload
  ) async throws -> Measurement {
    let steps = settings.stepCount
    let measurement = try await measure(sessions) { session in
      if workload == .latent {
        try await session.think(steps: steps)
      } else {
        try await session.decode(steps: steps)
      }
    }
    for session in sessions { try session.rewind() }
    return measurement
  }

  /// The time from when all sessions are ready until the last has ended.
  private func measure(
    _ sessions: [LiveSession], _ body: @escaping @Sendable (LiveSession) async throws -> Void
  ) async throws -> Measurement {
    let line = StartLine(count: sessions.count)
    let scheduler = model.network.scheduler
    let before = sessions.reduce(0) { $0 + $1.floatingPointOperations }
    let end = try await withThrowingTaskGroup(of: ContinuousClock.Instant.self) { group in
      for session in sessions {
        group.addTask {
          try await scheduler.withSequence {
            await line.wait()
            try await body(session)
            return ContinuousClock.now
          }
        }
      }
      return try await group.max()
    }
    guard let start = line.opened, let end else { throw CancellationError() }
    return Measurement(
      seconds: (end - start) / .seconds(1),
      floatingPointOperations: sessions.reduce(0) { $0 + $1.floatingPointOperations } - before,
      keyValueByteCount: sessions.reduce(0) { $0 + $1.sequence.memory.byteCount })
  }
}
