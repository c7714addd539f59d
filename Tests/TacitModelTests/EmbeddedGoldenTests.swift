import Foundation
import TacitCheckpoint
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// The embedded models, as `tacit train` saved them, against transformers with the same files.
@Suite struct EmbeddedGoldenTests {
  private static let root = URL(fileURLWithPath: Fixtures.folder)
    .appending(path: "../../Sources/TacitCheckpoint/models").standardized.path
  static let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []

  /// As ``ForwardGoldenTests/tolerance``, and as much again for each thought that feeds the next.
  static let tolerance: Float = 1e-4

  @Test(arguments: names) func promptAndThoughts(name: String) async throws {
    let golden = try Golden("embedded/embedded")
    let ids = Golden.ids(golden.cases["prompts"]?[name])
    try #require(!ids.isEmpty, "no prompt for \(name) in embedded.json")
    let engine = Engine(
      model: try LanguageModel.load(Checkpoint(folder: Self.root + "/" + name)))
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    func read(_ rows: [InputRow]) async throws -> (logits: [[Float]], state: [Float]) {
      let result = try await engine.forward(
        ForwardRequest(rows: rows, want: [.states(), .logits(.all)]), memory: &session,
        ledger: ledger)
      let logits = try #require(result.logits)
      return ((0..<logits.rows).map { logits[$0] }, try #require(result.hidden))
    }
    var (logits, state) = try await read(ids.map { .token($0) })
    let expected = try golden.rows(name + ".logits")
    #expect(relativeDifference(logits.suffix(expected.count), expected) < Self.tolerance)
    var (states, thoughtLogits): ([[Float]], [[Float]]) = ([], [])
    for _ in try golden.rows(name + ".states") {
      (logits, state) = try await read([.vector(state)])
      states.append(state)
      thoughtLogits += logits
    }
    #expect(relativeDifference(states, try golden.rows(name + ".states")) < Self.tolerance)
    #expect(
      relativeDifference(thoughtLogits, try golden.rows(name + ".thought_logits"))
        < Self.tolerance)
  }
}
