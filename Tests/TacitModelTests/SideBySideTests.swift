import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// Batches of small models run side by side, those of large ones one after the other.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SideBySideTests {
  /// Where passes wait a while for another one to be under way at the same time.
  final class Meeting: Sendable {
    private let state = NSCondition()
    nonisolated(unsafe) private var inside = 0
    nonisolated(unsafe) private var most = 0
    private let patience: TimeInterval

    init(patience: TimeInterval) { self.patience = patience }

    func wait() {
      state.lock()
      inside += 1
      most = max(most, inside)
      if most > 1 { state.broadcast() } else { _ = state.wait(until: .now + patience) }
      inside -= 1
      state.unlock()
    }

    /// Passes that were under way at one time, at most.
    var mostAtATime: Int {
      state.lock()
      defer { state.unlock() }
      return most
    }
  }

  /// - Parameters:
  ///   - vocabulary: What makes a model large; nil is a small one.
  ///   - batchesAtATime: What the scheduler allows.
  ///   - patience: Seconds that a lone pass waits for company.
  /// - Returns: passes that were under way at one time, at most.
  /// - Throws: what loading and reading throw.
  static func mostAtATime(
    vocabulary: Int?, batchesAtATime: Int, patience: TimeInterval
  ) async throws -> Int {
    let checkpoint = try Checkpoint(folder: Fixtures.model("llama"))
    var members = try #require(checkpoint.configuration.object)
    if let vocabulary { members["vocab_size"] = .integer(vocabulary) }
    let meeting = Meeting(patience: patience)
    let model = WatchedModel(
      try LanguageModel.load(checkpoint),
      configuration: try ModelConfiguration(.object(members), path: "test"),
      beforeForward: { meeting.wait() })
    let engine = Engine(model: model.model, scheduler: Scheduler(batchesAtATime: batchesAtATime))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask {
          try await engine.scheduler.withSequence {
            let ledger = Ledger()
            var session = engine.makeMemory(ledger)
            for step in 0..<3 {
              _ = try await engine.forward(
                ForwardRequest(rows: [.token(index + step)]), memory: &session, ledger: ledger)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    return meeting.mostAtATime
  }

  @Test func aBatchForEachThread() async throws {
    #expect(try await Self.mostAtATime(vocabulary: nil, batchesAtATime: 2, patience: 300) == 2)
  }

  @Test func oneBatchForLargeModelsAndForOneThread() async throws {
    #expect(try await Self.mostAtATime(vocabulary: 1 << 20, batchesAtATime: 2, patience: 0.5) == 1)
    #expect(try await Self.mostAtATime(vocabulary: nil, batchesAtATime: 1, patience: 0.5) == 1)
  }
}
