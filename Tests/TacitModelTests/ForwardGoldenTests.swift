import TacitCheckpoint
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// Every tiny model against what transformers computed with the same weights.
@Suite struct ForwardGoldenTests {
  static let models = Fixtures.models.filter { $0 != "gpt2_hubnames" }

  /// Float32 reference noise against Float64 is below 1e-5 of the range of the logits.
  static let tolerance: Float = 2e-5

  struct Setup {
    let golden: Golden
    let engine: Engine
    let ledger = Ledger()

    init(_ model: String) throws {
      golden = try Golden("forward/" + model)
      engine = Engine(model: try LanguageModel.load(Checkpoint(folder: Fixtures.model(model))))
    }

    func ids(_ key: String) -> [InputRow] {
      Golden.ids(golden.cases[key]?["ids"]).map { .token($0) }
    }

    func read(
      _ rows: [InputRow], taps: Set<Tap> = [.finalNorm], into memory: inout KeyValueMemory
    ) async throws -> Readout {
      let want = taps.map { Want.states($0, .all) } + [.logits(.all)]
      return try await engine.forward(
        ForwardRequest(rows: rows, want: want), memory: &memory, ledger: ledger)
    }
  }

  private func check(_ found: Tensor?, _ golden: Golden, _ name: String) throws {
    let expected = try golden.rows(name)
    let rows = found.map { tensor in (0..<tensor.rows).map { tensor[$0] } } ?? []
    let difference = relativeDifference(rows.suffix(expected.count), expected)
    #expect(difference < Self.tolerance, "\(name)")
  }

  @Test(arguments: Self.models) func statesOfEveryLayer(model: String) async throws {
    let setup = try Setup(model)
    let layers = setup.engine.model.configuration.layerCount
    var session = setup.engine.makeMemory(setup.ledger)
    let taps = Set((0...layers).map { Tap.residual(layer: $0) } + [.finalNorm, .preNorm])
    let result = try await setup.read(setup.ids("short"), taps: taps, into: &session)
    for layer in 0...layers {
      try check(result[.residual(layer: layer)], setup.golden, "short.hidden.\(layer)")
    }
    try check(result[.preNorm], setup.golden, "short.hidden.\(layers)")
    try check(result[.finalNorm], setup.golden, "short.final_norm")
    try check(result.logits, setup.golden, "short.logits")
  }

  @Test(arguments: Self.models) func logitsOfLongerTexts(model: String) async throws {
    let setup = try Setup(model)
    var session = setup.engine.makeMemory(setup.ledger)
    try check(
      try await setup.read(setup.ids("medium"), into: &session).logits, setup.golden,
      "medium.logits")
    session = setup.engine.makeMemory(setup.ledger)
    let long = try await setup.read(setup.ids("long"), into: &session)
    try check(long.logits, setup.golden, "long.logits_last4")
    try check(long[.finalNorm], setup.golden, "long.final_norm_last")
  }

  @Test(arguments: Self.models) func decodingStepByStep(model: String) async throws {
    let setup = try Setup(model)
    let decode = setup.golden.cases["decode"]
    var session = setup.engine.makeMemory(setup.ledger)
    var logits: [[Float]] = []
    let prompt = Golden.ids(decode?["prompt_ids"]).map { InputRow.token($0) }
    _ = try await setup.engine.forward(
      ForwardRequest(rows: prompt), memory: &session, ledger: setup.ledger)
    for id in Golden.ids(decode?["forced_ids"]) {
      let result = try await setup.engine.forward(
        ForwardRequest(rows: [.token(id)], want: [.states(), .logits()]), memory: &session,
        ledger: setup.ledger)
      logits.append(try #require(result.logits)[0])
    }
    let expected = try setup.golden.rows("decode.logits")
    #expect(relativeDifference(logits, expected) < Self.tolerance)
    #expect(setup.ledger.counts.forwardPasses == 9)
    #expect(setup.ledger.counts.headRows == 8)
  }

  @Test(arguments: Self.models) func forwardFromVectors(model: String) async throws {
    let setup = try Setup(model)
    var session = setup.engine.makeMemory(setup.ledger)
    let vectors = try setup.golden.rows("embeds.input").map { InputRow.vector($0) }
    let result = try await setup.read(vectors, into: &session)
    try check(result.logits, setup.golden, "embeds.logits")
    try check(result[.finalNorm], setup.golden, "embeds.final_norm")
    #expect(setup.ledger.counts.latentSteps == vectors.count)
  }

  @Test(arguments: Self.models) func vectorsAfterTokensAndBefore(model: String) async throws {
    let setup = try Setup(model)
    var session = setup.engine.makeMemory(setup.ledger)
    let mixed = setup.golden.cases["mixed"]
    let prefix = Golden.ids(mixed?["prefix_ids"]).map { InputRow.token($0) }
    let vectors = try setup.golden.rows("mixed.embeds").map { InputRow.vector($0) }
    _ = try await setup.read(prefix, into: &session)
    let result = try await setup.read(vectors, into: &session)
    try check(result.logits, setup.golden, "mixed.logits")
    try check(result[.finalNorm], setup.golden, "mixed.final_norm")
    let token = try #require(mixed?["then_token"]?.integer)
    let then = try await setup.read([.token(token)], into: &session)
    try check(then.logits, setup.golden, "mixed.then_logits")
  }

  @Test(arguments: Self.models) func greedyTokens(model: String) async throws {
    let setup = try Setup(model)
    for greedy in setup.golden.cases["greedy"]?.array ?? [] {
      var session = setup.engine.makeMemory(setup.ledger)
      var rows = Golden.ids(greedy["prompt_ids"]).map { InputRow.token($0) }
      var tokens: [Int] = []
      let expected = Golden.ids(greedy["tokens"])
      #expect(expected.count == 48)
      for _ in expected {
        let result = try await setup.engine.forward(
          ForwardRequest(rows: rows, want: [.states(), .logits()]), memory: &session,
          ledger: setup.ledger)
        let best = try #require(result.logits)[0].argmax()
        tokens.append(best)
        rows = [.token(best)]
      }
      #expect(tokens == expected)
    }
  }

  @Test(arguments: Self.models) func sequencesOfOneBatch(model: String) async throws {
    let setup = try Setup(model)
    let prompts = (setup.golden.cases["batch"]?["ids"]?.array ?? []).map { Golden.ids($0) }
    let logits = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for (index, prompt) in prompts.enumerated() {
        group.addTask {
          try await setup.engine.scheduler.withSequence {
            var session = setup.engine.makeMemory(setup.ledger)
            let request = ForwardRequest(
              rows: prompt.map { .token($0) }, want: [.states(), .logits()])
            let result = try await setup.engine.forward(
              request, memory: &session, ledger: setup.ledger)
            return (index, result.logits?[0] ?? [])
          }
        }
      }
      return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    let expected = try setup.golden.rows("batch.logits_last")
    #expect(relativeDifference(prompts.indices.map { logits[$0] ?? [] }, expected) < Self.tolerance)
  }

  /// Files on the Hub lack the prefix of the library's names and hold mask buffers besides.
  @Test func namesAsOnTheHub() async throws {
    let rows = [1, 2, 3].map { InputRow.token($0) }
    var logits: [[Float]] = []
    for (model, name) in [("gpt2", "transformer.wte.weight"), ("gpt2_hubnames", "wte.weight")] {
      let checkpoint = try Checkpoint(folder: Fixtures.model(model))
      #expect(checkpoint.contains(name))
      let engine = Engine(model: try LanguageModel.load(checkpoint))
      let ledger = Ledger()
      var session = engine.makeMemory(ledger)
      let result = try await engine.forward(
        ForwardRequest(rows: rows, want: [.states(), .logits()]), memory: &session, ledger: ledger)
      logits.append(try #require(result.logits)[0])
    }
    #expect(logits[0] == logits[1])
  }
}
