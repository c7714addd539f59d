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
            let weights = Tensor([Self.weights(index, size)])
            let row = try await engine.mix(weights, of: .embedding, ledger: ledger)[0]
            return Mixture(index: index, row: row, counts: ledger.counts)
          }
        }
      }
      return try await group.reduce(into: [Mixture]()) { $0.append($1) }
    }
    for mixture in found {
      let alone = base.mix(Tensor([Self.weights(mixture.index, size)]), of: .embedding)[0]
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
        engine: engine, work: .mix(Tensor([Self.weights(index, size)]), of: .embedding),
        ledger: Ledger(),
        memory: engine.makeMemory(Ledger()))
    }
    engine.step(requests)
    #expect(network.mixtureRows == [7])
    for (index, request) in requests.enumerated() {
      #expect(
        request.mixture == network.model.mix(Tensor([Self.weights(index, size)]), of: .embedding))
    }
  }

  @Test func cancelled() async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama")))
    let engine = Engine(model: network)
    let ledger = Ledger()
    let task = Task {
      try await engine.mix(
        Tensor([Self.weights(0, network.configuration.vocabularySize)]), of: .embedding,
        ledger: ledger)
    }
    task.cancel()
    _ = await task.result
    let after = try await engine.mix(
      Tensor([Self.weights(1, network.configuration.vocabularySize)]), of: .embedding,
      ledger: Ledger())
    #expect(after.count == network.configuration.hiddenSize)
  }

  /// Several rows at once, of either matrix, and beside requests for the other one.
  @Test(arguments: ["llama", "qwen3_untied"]) func rowsOfBothMatrices(model: String) async throws {
    let network = WatchedModel(try LanguageModel.load(Checkpoint(folder: Fixtures.model(model))))
    let engine = Engine(model: network.model)
    let (size, width) = (network.configuration.vocabularySize, network.configuration.hiddenSize)
    let weights = Tensor((0..<3).map { Self.weights($0, size) })
    let requests = VocabularyMatrix.allCases.map { matrix in
      PendingRequest(
        engine: engine, work: .mix(weights, of: matrix), ledger: Ledger(),
        memory: engine.makeMemory(Ledger()))
    }
    engine.step(requests)
    #expect(network.mixtureRows == [3, 3])
    let embedding = network.model.embed((0..<Int32(size)).map { $0 })
    let head = network.model.headRows((0..<Int32(size)).map { $0 })
    for (request, rows) in zip(requests, [embedding, head]) {
      let found = try #require(request.mixture)
      for row in 0..<3 {
        let expected = (0..<width).map { column in
          (0..<size).reduce(0.0) { $0 + Double(weights[row][$1]) * Double(rows[$1][column]) }
        }
        #expect(zip(found[row], expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
      }
      #expect(
        request.ledger.counts.floatingPointOperations == 6 * Double(size * width))
      #expect(request.ledger.counts.headRows == 0)
    }
    let tied = network.configuration.tiesEmbeddings
    #expect((requests[0].mixture == requests[1].mixture) == tied)
  }
}
