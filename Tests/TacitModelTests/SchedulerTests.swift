import TacitCheckpoint
import TacitTesting
import Testing

@testable import TacitModel

/// Sequences that end, cancel, nest or use two models never leave others waiting.
@Suite(.timeLimit(.minutes(15))) struct SchedulerTests {
  static func engine(_ model: String, _ scheduler: Scheduler) throws -> Engine {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model(model)))
    return Engine(model: network, scheduler: scheduler)
  }

  static func read(_ count: Int, on engine: Engine) async throws {
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let rows = (0..<count).map { InputRow.token($0 % 700) }
    _ = try await engine.forward(ForwardRequest(rows: rows), memory: &session, ledger: ledger)
  }

  @Test func aSequenceWithinASequence() async throws {
    let engine = try Self.engine("gpt2", Scheduler())
    try await engine.scheduler.withSequence {
      try await engine.scheduler.withSequence { try await Self.read(5, on: engine) }
      try await Self.read(3, on: engine)
    }
  }

  @Test func sequencesThatNeverAskOrFail() async throws {
    struct Failure: Error {}
    let engine = try Self.engine("gpt2", Scheduler())
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<30 {
        group.addTask {
          try? await engine.scheduler.withSequence {
            if index % 3 == 0 { return }
            try await Self.read(index + 1, on: engine)
            if index % 3 == 1 { throw Failure() }
            try await Self.read(2, on: engine)
          }
        }
      }
    }
  }

  @Test func twoModelsOfOneRun() async throws {
    let scheduler = Scheduler()
    let engines = [try Self.engine("gpt2", scheduler), try Self.engine("llama", scheduler)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<16 {
        group.addTask {
          try await scheduler.withSequence {
            for step in 0..<8 { try await Self.read(1 + index, on: engines[(index + step) % 2]) }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// A cancelled request leaves after the batch that is running, not after its whole prompt.
  @Test func cancellingALongPrompt() async throws {
    let engine = try Self.engine("qwen3", Scheduler())
    let task = Task {
      try await engine.scheduler.withSequence { try await Self.read(8000, on: engine) }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await Self.read(4, on: engine)
  }

  /// Many sequences, each cancelled at some moment: every one ends, and others are not held up.
  @Test func cancellingAtAnyMoment() async throws {
    let engine = try Self.engine("gpt2", Scheduler())
    let tasks = (0..<200).map { index in
      Task {
        try await engine.scheduler.withSequence {
          for step in 0..<20 { try await Self.read(1 + (index + step) % 40, on: engine) }
        }
      }
    }
    for (index, task) in tasks.enumerated() where index % 2 == 0 {
      task.cancel()
      await Task.yield()
    }
    for (index, task) in tasks.enumerated() {
      let result = await task.result
      if index % 2 == 1 { #expect(throws: Never.self) { try result.get() } }
    }
  }
}
