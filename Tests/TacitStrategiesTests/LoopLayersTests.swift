import TacitFault
import TacitModel
import TacitTesting
import Testing

@testable import TacitReasoning

/// Layers that run several times.
@Suite struct LoopLayersTests {
  static func run(
    _ options: [String: OptionValue]?, _ name: String, before: Bool = true
  ) async throws -> Completion {
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(8), "ignore_eos": .boolean(true),
    ]
    var stages = [
      StageDraft("prompt"), StageDraft("think", ["latent_steps": .integer(2)]),
      StageDraft("generate", decode),
    ]
    if let options { stages.insert(StageDraft("loop_layers", options), at: before ? 0 : 1) }
    return try await Pipeline("loop", stages).run(
      SampleInput(name: "loop", question: "the cat sat on a mat"),
      model: Fixtures.reasoningModel(name), options: RunOptions(trace: .vectors))
  }

  @Test(arguments: ["gpt2", "llama", "qwen3"]) func oneRunChangesNothing(name: String) async throws
  {
    let plain = try await Self.run(nil, name)
    let once = try await Self.run(["runs": .integer(1)], name)
    #expect(once.trace == plain.trace && once.tokenIDs == plain.tokenIDs)
    #expect(once.counts == plain.counts)
  }

  @Test func runsAreChargedAndChangeThoughts() async throws {
    let plain = try await Self.run(nil, "llama")
    let block: [String: OptionValue] = ["first_layer": .integer(1), "last_layer": .integer(1)]
    let two = try await Self.run(block.merging(["runs": .integer(2)]) { $1 }, "llama")
    let three = try await Self.run(block.merging(["runs": .integer(3)]) { $1 }, "llama")
    func thoughts(_ completion: Completion) -> [[Float]] { completion.trace.compactMap(\.vector) }
    #expect(thoughts(two) != thoughts(plain) && thoughts(three) != thoughts(two))
    let costs = [plain, two, three].map(\.counts.floatingPointOperations)
    #expect(abs((costs[2] - costs[1]) / (costs[1] - costs[0]) - 1) < 1e-9)
    #expect(two.counts.positions == plain.counts.positions)
    #expect(two.counts.peakMemoryBytes > plain.counts.peakMemoryBytes)
    // Behind the prompt, the prompt's rows are read as they are.
    let behind = try await Self.run(
      block.merging(["runs": .integer(2)]) { $1 }, "llama", before: false)
    #expect(thoughts(behind)[0] == thoughts(plain)[0])
    #expect(thoughts(behind)[1] != thoughts(plain)[1])
    #expect(behind.counts.floatingPointOperations < two.counts.floatingPointOperations)
  }

  @Test func impossibleBlocksAreRefused() async throws {
    let models = ReasoningModels(main: try Fixtures.reasoningModel("gpt2"))
    for (first, last) in [(2, 1), (0, 3), (3, 3)] {
      let pipeline = try Pipeline(
        "loop",
        [StageDraft("loop_layers", ["first_layer": .integer(first), "last_layer": .integer(last)])])
      let error = #expect(throws: Fault.self) { try pipeline.check(models) }
      #expect(error?.expected == "layers from 0 to 2, in order")
    }
  }
}
