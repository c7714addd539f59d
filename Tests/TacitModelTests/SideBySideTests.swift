import Foundation
import Synchronization
import TacitCheckpoint
import TacitJSON
import TacitModel
import TacitTensor
import TacitTesting
import Testing

/// Batches of small models run side by side, those of large ones one after the other.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SideBySideTests {
  /// A model whose passes wait a while for another one to be under way at the same time.
  final class MeetingModel: LanguageModel {
    let base: any LanguageModel
    let configuration: ModelConfiguration
    private let state = NSCondition()
    nonisolated(unsafe) private var inside = 0
    nonisolated(unsafe) private var most = 0

    init(_ base: any LanguageModel, _ configuration: ModelConfiguration) {
      self.base = base
      self.configuration = configuration
    }

    func embed(_ tokenIDs: [Int32]) -> Tensor { base.embed(tokenIDs) }
    func mix(_ weights: Tensor) -> Tensor { base.mix(weights) }
    func normalize(_ residual: Tensor) -> Tensor { base.normalize(residual) }
    func project(_ hidden: Tensor) -> Tensor { base.project(hidden) }
    func headRows(_ tokenIDs: [Int32]) -> Tensor { base.headRows(tokenIDs) }

    func forward(
      _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory, layers: Set<Int>
    ) -> ModelOutput {
      state.lock()
      inside += 1
      most = max(most, inside)
      if most > 1 { state.broadcast() } else { _ = state.wait(until: .now + 2) }
      inside -= 1
      state.unlock()
      return base.forward(input, positions: positions, memory: &memory, layers: layers)
    }

    /// Passes that were under way at one time, at most.
    var mostAtATime: Int {
      state.lock()
      defer { state.unlock() }
      return most
    }
  }

  static func mostAtATime(vocabulary: Int?, batchesAtATime: Int) async throws -> Int {
    let checkpoint = try Checkpoint(folder: Fixtures.model("llama"))
    var members = try #require(checkpoint.configuration.object)
    if let vocabulary { members["vocab_size"] = .integer(vocabulary) }
    let model = MeetingModel(
      try loadLanguageModel(checkpoint), try ModelConfiguration(.object(members), path: "test"))
    let engine = Engine(model: model, scheduler: Scheduler(batchesAtATime: batchesAtATime))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask {
          try await engine.scheduler.withSequence {
            let ledger = Ledger()
            var session = engine.makeSession(ledger)
            for step in 0..<3 {
              _ = try await engine.forward(
                ForwardRequest(rows: [.token(index + step)]), session: &session, ledger: ledger)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    return model.mostAtATime
  }

  @Test func aBatchForEachThread() async throws {
    #expect(try await Self.mostAtATime(vocabulary: nil, batchesAtATime: 2) == 2)
  }

  @Test func oneBatchForLargeModelsAndForOneThread() async throws {
    #expect(try await Self.mostAtATime(vocabulary: 1 << 20, batchesAtATime: 2) == 1)
    #expect(try await Self.mostAtATime(vocabulary: nil, batchesAtATime: 1) == 1)
  }
}
