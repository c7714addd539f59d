import TacitCheckpoint
import TacitFault
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// A recorded pass computes what the engine computes, and forgets as sessions do.
@Suite struct RecordedMemoryTests {
  static func values(_ tensor: Tensor?) -> [UInt32] {
    tensor.map { $0.values.map(\.bitPattern) } ?? []
  }

  /// Prompt and continuation in two passes, on a tape and without, of a checkpoint's weights and of
  /// parameters: the engine's states and logits, bit for bit.
  @Test(arguments: ["gpt2", "llama", "mistral", "qwen2", "qwen3"])
  func hasTheBitsOfTheEngine(name: String) async throws {
    let checkpoint = try Checkpoint(folder: Fixtures.model(name))
    let plain = try LanguageModel.load(checkpoint)
    let engine = Engine(model: plain)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let prompt = (0..<70).map { Int32($0 * 7 % 500) }
    let next: [Int32] = [3, 500, 9]
    let rows = (prompt + next).map { InputRow.token(Int($0)) }
    let request = ForwardRequest(rows: rows, want: [.states(.finalNorm, .all), .logits(.all)])
    let expected = try await engine.forward(request, memory: &session, ledger: ledger)
    let store = ParameterStore(copying: checkpoint)
    let trained = try LanguageModel.make(plain.configuration, weights: store)

    func logits(_ model: LanguageModel, _ ids: [Int32], _ session: inout RecordedSession)
      -> Tensor
    {
      var memory = RecordedMemory(
        [RecordedPart(session, rowCount: ids.count)], configuration: model.configuration)
      let output = model.forward(model.embed(ids), memory: &memory)
      session = memory.sessions[0]
      return model.project(model.normalize(output.residual))
    }
    func both(_ model: LanguageModel) -> [UInt32] {
      var session = RecordedSession()
      return Self.values(logits(model, prompt, &session))
        + Self.values(logits(model, next, &session))
    }
    #expect(both(plain) == Self.values(expected.logits))
    #expect(both(trained) == Self.values(expected.logits))
    let tape = Tape(addingTo: ParameterGradients(store.parameters))
    #expect(tape.recording { both(trained) } == Self.values(expected.logits))
  }

  /// A fork at an earlier column continues as if the later ones had never been read.
  @Test func cropsAndForks() throws {
    let checkpoint = try Checkpoint(folder: Fixtures.model("qwen3"))
    let model = try LanguageModel.load(checkpoint)
    func read(_ ids: [Int32], _ sessions: [RecordedSession]) -> (Tensor, [RecordedSession]) {
      let count = ids.count / sessions.count
      var memory = RecordedMemory(
        sessions.map { RecordedPart($0, rowCount: count, wantedCount: 1) },
        configuration: model.configuration)
      let output = model.forward(model.embed(ids), memory: &memory)
      return (output.residual, memory.sessions)
    }
    let (_, long) = read([1, 2, 3, 4, 5], [RecordedSession()])
    let (_, longer) = read([6, 7], long)
    #expect(longer[0].count == 7 && longer[0].nextPosition == 7)
    var cut = longer[0]
    cut.crop(to: 6)
    var shorter = longer[0]
    shorter.crop(to: 3)
    let (states, _) = read([8, 9, 9], [cut, shorter, longer[0]])
    for (row, ids) in [[1, 2, 3, 4, 5, 6, 8], [1, 2, 3, 9], [1, 2, 3, 4, 5, 6, 7, 9]].enumerated() {
      let (alone, _) = read(ids.map { Int32($0) }, [RecordedSession()])
      #expect(Self.values(states.slice(rows: row..<row + 1)) == Self.values(alone))
    }
    cut.crop(to: 0)
    #expect(cut.count == 0 && cut.nextPosition == 0)
  }

  @Test func missingWeightsAreNamed() throws {
    let checkpoint = try Checkpoint(folder: Fixtures.model("llama"))
    let store = ParameterStore(copying: try Checkpoint(folder: Fixtures.model("gpt2")))
    let error = #expect(throws: Fault.self) {
      try LanguageModel.make(ModelConfiguration(checkpoint), weights: store)
    }
    #expect(error?.place.hasSuffix(": tensor 'model.embed_tokens.weight'") == true)
  }
}

/// Gradients with respect to the next row behind a paged memory.
@Suite struct InputGradientTests {
  /// Against central differences of the engine's own states: Float32 leaves about three digits.
  @Test(arguments: ["gpt2", "llama", "qwen3_bf16"])
  func equalsDifferences(name: String) async throws {
    let engine = Engine(model: try LanguageModel.load(Checkpoint(folder: Fixtures.model(name))))
    let ledger = Ledger()
    var sequence = ModelSequence(engine, ledger)
    let row = try #require(try await sequence.read((40..<63).map { .token($0) }).hidden)
    let before = ledger.counts
    let gradient = try await sequence.gradient(at: row) { state, row in
      state.meanSquaredError(row)
    }
    #expect(sequence.memory.count == 23)
    #expect(ledger.counts.positions == before.positions + 1)
    #expect(ledger.counts.forwardPasses == before.forwardPasses + 1)

    func loss(_ row: [Float]) async throws -> Double {
      var fork = sequence.fork()
      let state = try #require(try await fork.read([.vector(row)]).hidden)
      let sum = zip(state, row).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
      return sum / Double(row.count)
    }
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    for index in stride(from: 0, to: row.count, by: 7) {
      var (above, below) = (row, row)
      above[index] += 0.01
      below[index] -= 0.01
      let difference = (try await loss(above) - loss(below)) / Double(above[index] - below[index])
      #expect(abs(Double(gradient[index]) - difference) < 5e-3 * Double(largest))
    }
  }

  @Test func faultyRowsAreRefused() async throws {
    let engine = Engine(model: try LanguageModel.load(Checkpoint(folder: Fixtures.model("gpt2"))))
    var sequence = ModelSequence(engine, Ledger())
    await #expect(throws: Fault.vectorWidth(found: 3, expected: 64)) {
      try await sequence.gradient(at: [1, 2, 3]) { state, _ in state }
    }
  }
}
