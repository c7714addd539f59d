import Foundation
import TacitCheckpoint
import TacitFault
import TacitTesting
import Testing

@testable import TacitModel

/// Mutated checkpoints give an error or a model that runs; they never crash and never hang.
@Suite struct HostileCheckpointTests {
  /// SplitMix64: the same mutations in every run.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// Truncates, flips, overwrites digits or inserts hostile text; `limit` keeps to the header.
  static func mutate(_ bytes: [UInt8], limit: Int, _ random: inout Generator) -> [UInt8] {
    var bytes = bytes
    let place = Int.random(in: 0..<min(limit, bytes.count), using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes.removeSubrange(place...)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: for index in 0..<8 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
    case 3:
      let digits = bytes.indices.prefix(limit).filter { (0x30...0x39).contains(bytes[$0]) }
      for _ in 0..<3 {
        guard let digit = digits.randomElement(using: &random) else { break }
        bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
      }
    case 4:
      let texts = [
        "99999999999999999999", "-1", "null", "NaN", "1e308", "[[[[[[[[", "\"", "{}", "0",
        String(repeating: "[", count: 5000), "\u{0}",
      ]
      let text = texts.randomElement(using: &random) ?? ""
      bytes.insert(contentsOf: Array(text.utf8), at: place)
    default:
      let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
      bytes.removeSubrange(place..<end)
    }
    return bytes
  }

  @Test(arguments: ["gpt2", "llama", "qwen3"], ["config.json", "model.safetensors"])
  func mutations(model: String, file: String) async throws {
    let source = Fixtures.model(model)
    let folder = try TemporaryFolder()
    for name in ["config.json", "generation_config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: source + "/" + name, toPath: folder.path + "/" + name)
    }
    let original = try Array(Data(contentsOf: URL(fileURLWithPath: source + "/" + file)))
    var random = Generator(state: UInt64(model.utf8.count) << 8 | UInt64(file.utf8.count))
    var refused = 0
    for _ in 0..<120 {
      try folder.write(Self.mutate(original, limit: 6000, &random), to: file)
      do {
        let network = try LanguageModel.load(Checkpoint(folder: folder.path))
        try await Self.run(network)
      } catch is Fault {
        refused += 1
      }
    }
    #expect(refused > 30, "most mutations are faults")
  }

  @Test(arguments: ["gpt2", "llama", "qwen2"]) func mutationsOfGGUF(model: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.gguf"
    let original = try Array(Data(contentsOf: URL(fileURLWithPath: GGUFTests.path(model))))
    var random = Generator(state: UInt64(model.utf8.count))
    var refused = 0
    for round in 0..<240 {
      // The header of the file with a tokenizer is long: every other mutation meets its tensors.
      let limit = round % 2 == 0 ? 1500 : original.count
      try folder.write(Self.mutate(original, limit: limit, &random), to: "model.gguf")
      do {
        let checkpoint = try Checkpoint(gguf: path)
        _ = try? checkpoint.embeddedText?.tokenizerFiles()
        try await Self.run(try LanguageModel.load(checkpoint))
      } catch is Fault {
        refused += 1
      }
    }
    #expect(refused > 60, "many mutations are faults")
  }

  private static func run(_ network: LanguageModel) async throws {
    let engine = Engine(model: network)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let request = ForwardRequest(rows: [.token(0), .token(1)], want: [.states(), .logits()])
    _ = try await engine.forward(request, memory: &session, ledger: ledger)
  }

  @Test func lyingIndexOfShards() throws {
    let source = Fixtures.model("llama_sharded")
    let folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      try FileManager.default.copyItem(
        atPath: source + "/" + name, toPath: folder.path + "/" + name)
    }
    let name = "model.safetensors.index.json"
    let original = try Array(Data(contentsOf: URL(fileURLWithPath: source + "/" + name)))
    var random = Generator(state: 7)
    for _ in 0..<120 {
      try folder.write(Self.mutate(original, limit: original.count, &random), to: name)
      _ = try? LanguageModel.load(Checkpoint(folder: folder.path))
    }
  }
}
