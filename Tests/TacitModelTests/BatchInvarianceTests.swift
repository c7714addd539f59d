import TacitCheckpoint
import TacitFault
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// A sequence gets the same bits alone, among others, in chunks, and on any number of threads.
@Suite(.serialized) struct BatchInvarianceTests {
  /// A model and how it keeps its weights.
  struct Variant: CustomTestStringConvertible {
    let model: String
    var precision = WeightPrecision()
    var testDescription: String {
      let format = precision.quantization.map { ", \($0)" } ?? ""
      return "\(model)\(format), \(precision.activations)"
    }
  }
  static let variants =
    ["gpt2", "llama", "mistral", "qwen2", "qwen3", "qwen3_bf16"].map { Variant(model: $0) } + [
      Variant(model: "qwen3_bf16", precision: WeightPrecision(activations: .fast)),
      Variant(model: "llama", precision: WeightPrecision(quantization: .q8_0)),
      Variant(model: "gpt2", precision: WeightPrecision(quantization: .q4_0)),
      Variant(
        model: "gpt2", precision: WeightPrecision(quantization: .q8_0, activations: .fast)),
      Variant(
        model: "qwen2", precision: WeightPrecision(quantization: .q4_0, activations: .fast)),
    ]

  /// All bits of some sequence: a prompt, thoughts fed back, greedy tokens.
  static func sequence(_ index: Int, on engine: Engine) async throws -> [[UInt32]] {
    try await engine.scheduler.withSequence {
      let ledger = Ledger()
      var session = engine.makeMemory(ledger)
      var bits: [[UInt32]] = []
      let length = 1 + index * 37 % 150
      var rows = (0..<length).map { InputRow.token(($0 * 31 + index * 7) % 700) }
      for step in 0..<6 {
        let request = ForwardRequest(
          rows: rows, want: step < 3 ? [.states()] : [.states(), .logits()])
        let result = try await engine.forward(request, memory: &session, ledger: ledger)
        let hidden = try #require(result.hidden)
        bits.append(hidden.map(\.bitPattern))
        if step < 2 {
          rows = [.vector(hidden)]
        } else {
          bits.append((result.logits?[0] ?? []).map(\.bitPattern))
          rows = [.token((result.logits?[0].argmax() ?? 5) % 700), .token(index)]
        }
      }
      return bits
    }
  }

  @Test(arguments: variants) func aloneAndTogether(variant: Variant) async throws {
    let network = try LanguageModel.load(
      Checkpoint(folder: Fixtures.model(variant.model)), precision: variant.precision)
    let count = 32
    var alone: [[[UInt32]]] = []
    for index in 0..<count {
      alone.append(try await Self.sequence(index, on: Engine(model: network)))
    }
    let threads = Threads.count
    defer { Threads.setCount(threads) }
    for threads in [1, 2] {
      Threads.setCount(threads)
      let engine = Engine(model: network)
      let together = try await withThrowingTaskGroup(of: (Int, [[UInt32]]).self) { group in
        for index in 0..<count {
          group.addTask { (index, try await Self.sequence(index, on: engine)) }
        }
        return try await group.reduce(into: [Int: [[UInt32]]]()) { $0[$1.0] = $1.1 }
      }
      for index in 0..<count { #expect(together[index] == alone[index], "sequence \(index)") }
    }
  }

  /// A prompt longer than one batch is read in chunks; a prompt read in pieces gives the same.
  @Test(arguments: ["gpt2", "qwen3"]) func chunksOfAPrompt(model: String) async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model(model)))
    let engine = Engine(model: network)
    let rows = (0..<(Engine.maximumBatchRows + 88)).map { InputRow.token($0 * 13 % 700) }
    func read(_ pieces: [ArraySlice<InputRow>]) async throws -> (Tensor?, Counts) {
      let ledger = Ledger()
      var session = engine.makeMemory(ledger)
      var logits: [Tensor] = []
      for piece in pieces {
        let request = ForwardRequest(rows: Array(piece), want: [.states(), .logits(.all)])
        let result = try await engine.forward(request, memory: &session, ledger: ledger)
        logits.append(try #require(result.logits))
      }
      return (Tensor.concatenated(logits), ledger.counts)
    }
    let (whole, wholeCounts) = try await read([rows[...]])
    let (pieces, pieceCounts) = try await read([rows[..<7], rows[7..<100], rows[100...]])
    #expect(whole == pieces)
    #expect(wholeCounts.forwardPasses == 1 && pieceCounts.forwardPasses == 3)
    #expect(wholeCounts.positions == rows.count && wholeCounts.headRows == rows.count)
    #expect(wholeCounts.floatingPointOperations == pieceCounts.floatingPointOperations)
  }

  /// The head alone gives the logits that a forward pass gives.
  @Test func projectionOfAKnownState() async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama")))
    let engine = Engine(model: network)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let result = try await engine.forward(
      ForwardRequest(rows: [.token(3), .token(4)], want: [.states(), .logits()]), memory: &session,
      ledger: ledger)
    let hidden = Tensor([try #require(result.hidden)])
    let projected = try await engine.project(hidden, ledger: ledger)
    #expect(projected == result.logits)
    #expect(ledger.counts.headRows == 2 && ledger.counts.forwardPasses == 1)
  }

  /// A request that the model cannot serve is refused before it joins a batch.
  @Test func impossibleRequests() async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model("gpt2_hubnames")))
    let engine = Engine(model: network)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let long = (0..<257).map { _ in InputRow.token(1) }
    let requests: [(ForwardRequest, Fault)] = [
      (ForwardRequest(rows: [.token(768)]), .tokenOutOfRange(id: 768, vocabularySize: 768)),
      (ForwardRequest(rows: [.token(-1)]), .tokenOutOfRange(id: -1, vocabularySize: 768)),
      (ForwardRequest(rows: [.vector([1])]), .vectorWidth(found: 1, expected: 64)),
      (ForwardRequest(rows: long), .contextExceeded(position: 256, maximum: 256)),
      (
        ForwardRequest(rows: [.token(1)], want: [.states(.residual(layer: 4), .last)]),
        .layerOutOfRange(layer: 4, layerCount: 3)
      ),
    ]
    for (request, error) in requests {
      await #expect(throws: error) {
        try await engine.forward(request, memory: &session, ledger: ledger)
      }
    }
    #expect(ledger.counts == Counts())
  }
}
