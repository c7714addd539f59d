import TacitCheckpoint
import TacitTesting
import Testing

@testable import TacitModel

/// Memories whose keys and values are rounded to Float16.
@Suite struct HalfMemoryTests {
  private let exact: Engine
  private let half: Engine
  private let ledger = Ledger()

  init() throws {
    let model = try LanguageModel.load(Checkpoint(folder: Fixtures.model("qwen3")))
    exact = Engine(model: model)
    half = Engine(model: model, keysAndValues: .float16)
  }

  private func read(
    _ ids: some Sequence<Int>, into session: inout KeyValueMemory, on engine: Engine
  ) async throws -> [Float] {
    let request = ForwardRequest(rows: ids.map { .token($0) })
    return try #require(
      try await engine.forward(request, memory: &session, ledger: ledger).hidden)
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    let square = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (square / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test func halvesTheBytesAndRoundsTheStates() async throws {
    var whole = exact.makeMemory(ledger)
    var rounded = half.makeMemory(ledger)
    let expected = try await read(3..<60, into: &whole, on: exact)
    let found = try await read(3..<60, into: &rounded, on: half)
    #expect(rounded.byteCount * 2 == whole.byteCount)
    #expect(expected != found)
    #expect(distance(found, expected) < 1e-3)
  }

  /// Forks, appended memories and prompts in pieces have the bits of one memory.
  @Test func behavesAsOneMemory() async throws {
    var whole = half.makeMemory(ledger)
    let expected = try await read(3..<60, into: &whole, on: half)
    var pieces = half.makeMemory(ledger)
    _ = try await read(3..<30, into: &pieces, on: half)
    var copy = half.makeMemory(ledger)
    copy.append(pieces)
    #expect(try await read(30..<60, into: &pieces, on: half) == expected)
    #expect(try await read(30..<60, into: &copy, on: half) == expected)
    whole.crop(to: 30)
    var fork = whole
    let left = try await read([7], into: &whole, on: half)
    #expect(try await read([8], into: &fork, on: half) != left)
  }

  @Test func gradientsSeeTheRoundedMemory() async throws {
    func gradient(_ engine: Engine) async throws -> [Float] {
      var sequence = ModelSequence(engine, ledger)
      let row = try #require(try await sequence.read((40..<63).map { .token($0) }).hidden)
      return try await sequence.gradient(at: row) { state, row in state.meanSquaredError(row) }
    }
    let expected = try await gradient(exact), found = try await gradient(half)
    #expect(found != expected && distance(found, expected) < 1e-2)
  }
}
