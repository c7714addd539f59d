import Foundation
import TacitCheckpoint
import TacitFault
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// GGUF files that the gguf package wrote, against what it and transformers make of them.
@Suite struct GGUFTests {
  static let models = ["llama", "qwen2", "qwen3", "gpt2"]

  static func path(_ model: String) -> String { Fixtures.folder + "/gguf/\(model).gguf" }

  static func logits(_ network: LanguageModel) async throws -> [[Float]] {
    let ids = Golden.ids(try Fixtures.json("gguf/reference.json")["ids"])
    let engine = Engine(model: network)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let request = ForwardRequest(rows: ids.map { .token($0) }, want: [.states(), .logits(.all)])
    let result = try await engine.forward(request, memory: &session, ledger: ledger)
    let logits = try #require(result.logits)
    return (0..<logits.rows).map { logits[$0] }
  }

  @Test(arguments: models) func logitsOfTransformers(model: String) async throws {
    let checkpoint = try Checkpoint(gguf: Self.path(model))
    let expected = try Golden("gguf/reference").rows(model + ".logits")
    let exact = try await Self.logits(try LanguageModel.load(checkpoint))
    #expect(relativeDifference(exact, expected) < 2e-5)
    let fast = try await Self.logits(
      try LanguageModel.load(checkpoint, precision: WeightPrecision(activations: .fast)))
    #expect(relativeDifference(fast, expected) < 0.03)
    #expect(fast != exact)
  }

  @Test(arguments: models) func embeddingsBitForBit(model: String) throws {
    let network = try LanguageModel.load(Checkpoint(gguf: Self.path(model)))
    let rows = network.embed((0..<16).map { $0 })
    let expected = try Golden("gguf/reference").rows(model + ".embedding")
    #expect((0..<16).map { rows[$0] } == expected)
  }

  /// Weights that are rounded at loading are those that the gguf package rounds, bit for bit.
  @Test(arguments: [
    ("llama", "model.embed_tokens.weight", 768, 256, 96, BlockFormat.q4_0),
    ("llama", "lm_head.weight", 768, 256, 96, .q8_0),
    ("llama", "model.layers.0.self_attn.q_proj.weight", 96, 96, 96, .q4_0),
    ("llama", "model.layers.0.self_attn.k_proj.weight", 32, 32, 96, .q4_0),
    ("llama", "model.layers.0.mlp.down_proj.weight", 96, 96, 160, .q4_0),
    ("qwen2", "model.embed_tokens.weight", 832, 832, 64, .q8_0),
    ("qwen2", "model.layers.0.mlp.up_proj.weight", 144, 144, 64, .q8_0),
    ("gpt2", "transformer.h.0.mlp.c_fc.weight", 256, 256, 64, .q8_0),
    ("gpt2", "transformer.h.0.attn.c_attn.weight", 192, 192, 64, .q4_0),
  ])
  func roundingOfTheReference(
    model: String, name: String, outputs: Int, kept: Int, inputs: Int, format: BlockFormat
  ) throws {
    let source = try Checkpoint(folder: Fixtures.model(model))
    let ours = try source.matrix(
      name, outputs: outputs, inputs: inputs,
      layout: name.contains(".h.") ? .inputMajor : .outputMajor
    ).quantized(to: format)
    let short = name.replacing("transformer.", with: "")
    let theirs = try Checkpoint(gguf: Self.path(model)).matrix(
      short, outputs: kept, inputs: inputs)
    #expect(theirs.blockFormat == format)
    let rows = (0..<Int32(kept)).map { $0 }
    #expect(ours.gathered(rows: rows) == theirs.gathered(rows: rows))
  }

  @Test func blocksAreNotRoundedAgain() throws {
    let checkpoint = try Checkpoint(gguf: Self.path("qwen2"))
    let error = #expect(throws: Fault.self) {
      try LanguageModel.load(checkpoint, precision: WeightPrecision(quantization: .q4_0))
    }
    #expect(error?.found == "q8_0" && error?.hint?.contains("--quantize") == true)
  }

  /// What a user reads of a wrong file: the fault's place and what was expected there.
  @Test(arguments: [
    (0, [UInt8]("GGML".utf8), "the letters GGUF"), (4, [1, 0, 0, 0], "2 or 3"),
    (8, Array(repeating: 255, count: 8), "at most"),
    (16, Array(repeating: 255, count: 8), "at most"),
    (24, [255, 255, 255, 127], "at most"),
  ])
  func wrongHeaders(offset: Int, bytes: [UInt8], words: String) throws {
    let folder = try TemporaryFolder()
    var file = try Array(Data(contentsOf: URL(fileURLWithPath: Self.path("gpt2"))))
    file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    try folder.write(file, to: "model.gguf")
    let error = #expect(throws: Fault.self) {
      try Checkpoint(gguf: folder.path + "/model.gguf")
    }
    #expect(error?.expected?.contains(words) == true)
  }
}
