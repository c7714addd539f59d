import TacitCheckpoint
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// Sums of embedding rows are requests like any other: batched, counted, the same for everybody.
@Suite struct MixtureTests {
  static func weights(_ index: Int, _ count: Int) -> [Float] {
    (0..<count).map { Float(($0 * 31 + index * 17) % 101) / 5050 }
  }

  @Test(arguments: ["gpt2", "llama", "qwen3_bf16"]) func together(model: String) async throws {
    let base = try LanguageModel.load(Checkpoint(folder: Fixtures.model(model)))
    let network = WatchedModel(base)
    let engine = Engine(model: network.model)
    let size = network.configuration.vocabularySize
    let count = 24
    let found = try await withThrowingTaskGroup(of: Mixture.self) { group in
      for index in 0..<count {
        group.addTask {
          try await engine.scheduler.withSequence {
            let ledger = Ledger()
            let row = try await engine.mix(Self.weights(index, size), ledger: ledger)
            return Mixture(index: index, row: row, counts: ledger.counts)
          }
        }
      }
      return try await group.reduce(into: [Mixture]()) { $0.append($1) }
    }
    for mixture in found {
      let alone = base.mix(Tensor([Self.weights(mixture.index, size)]))[0]
      #expect(mixture.row.map(\.bitPattern) == alone.map(\.bitPattern))
      var counts = Counts()
      counts.floatingPointOperations = 2 * Double(size * network.configuration.hiddenSize)
      #expect(mixture.counts == counts)
    }
    let passes = network.mixtureRows
    #expect(passes.reduce(0, +) == count)
  }

  struct Mixture: Sendable {
    let index: Int
    let row: [Float]
    let counts: Counts
  }

  /// Sequences that ask at the same time are served by one pass over the matrix.
  @Test func onePassForAllThatWait() async throws {
    let network = WatchedModel(try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama"))))
    let engine = Engine(model: network.model)
    let size = network.configuration.vocabularySize
    let requests = (0..<7).map { index in
      PendingRequest(
        engine: engine, work: .mix(Self.weights(index, size)), ledger: Ledger(),
        memory: engine.makeMemory(Ledger()))
    }
    engine.step(requests)
    #expect(network.mixtureRows == [7])
    for (index, request) in requests.enumerated() {
      #expect(request.mixture == network.model.mix(Tensor([Self.weights(index, size)]))[0])
    }
  }

  @Test func cancelled() async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama")))
    let engine = Engine(model: network)
    let ledger = Ledger()
    let task = Task {
      try await engine.mix(Self.weights(0, network.configuration.vocabularySize), ledger: ledger)
    }
    task.cancel()
    _ = await task.result
    let after = try await engine.mix(
      Self.weights(1, network.configuration.vocabularySize), ledger: Ledger())
    #expect(after.count == network.configuration.hiddenSize)
  }
}
