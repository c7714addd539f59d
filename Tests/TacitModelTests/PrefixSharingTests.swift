import TacitCheckpoint
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// Prompts that begin alike are read once; nothing but the work done can tell.
@Suite struct PrefixSharingTests {
  struct Outcome: Equatable {
    let logits: [Float]
    let next: [Float]
    let counts: Counts
  }

  static func read(_ tokens: [Int], on engine: Engine) async throws -> Outcome {
    try await engine.scheduler.withSequence {
      let ledger = Ledger()
      var session = engine.makeMemory(ledger)
      let prompt = ForwardRequest(rows: tokens.map { .token($0) }, want: [.states(), .logits()])
      let first = try await engine.forward(prompt, memory: &session, ledger: ledger)
      let then = ForwardRequest(
        rows: [.token(7), .vector(first.hidden ?? [])], want: [.states(), .logits()])
      let second = try await engine.forward(then, memory: &session, ledger: ledger)
      return Outcome(
        logits: first.logits?[0] ?? [], next: second.logits?[0] ?? [], counts: ledger.counts)
    }
  }

  static let common = (0..<50).map { $0 * 11 % 700 }
  static let prompts: [[Int]] = [
    common + [1, 2, 3], common + [4], common, Array(common.prefix(20)) + [9, 9], [5, 6],
    common + common, Array(common.prefix(48)), common + [1, 2, 3],
  ]

  @Test(arguments: ["gpt2", "qwen3"]) func oneAfterTheOther(model: String) async throws {
    let network = WatchedModel(try LanguageModel.load(Checkpoint(folder: Fixtures.model(model))))
    let shared = Engine(model: network.model)
    for prompt in Self.prompts {
      let alone = try await Self.read(prompt, on: Engine(model: network.model))
      #expect(try await Self.read(prompt, on: shared) == alone)
    }
    let before = network.forwardRows.reduce(0, +)
    _ = try await Self.read(Self.prompts[0], on: shared)
    // 48 of 53 tokens lie in full pages; five and two more rows are read.
    #expect(network.forwardRows.reduce(0, +) - before == 7)
  }

  @Test func atTheSameTime() async throws {
    let network = WatchedModel(try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama"))))
    var alone: [Outcome] = []
    for prompt in Self.prompts {
      alone.append(try await Self.read(prompt, on: Engine(model: network.model)))
    }
    let before = network.forwardRows.reduce(0, +)
    let engine = Engine(model: network.model)
    let together = try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      for index in 0..<64 {
        group.addTask { (index, try await Self.read(Self.prompts[index % 8], on: engine)) }
      }
      return try await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
    }
    for index in 0..<64 { #expect(together[index] == alone[index % 8], "\(index)") }
    let read = network.forwardRows.reduce(0, +) - before
    let whole = (0..<64).reduce(0) { $0 + Self.prompts[$1 % 8].count + 2 }
    #expect(read < whole / 2, "\(read) of \(whole) rows")
  }

  /// Outputs of every row, vectors and memories in use are never taken from other prompts.
  @Test func whatIsNotShared() async throws {
    let network = WatchedModel(try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama"))))
    let engine = Engine(model: network.model)
    _ = try await Self.read(Self.common, on: engine)
    let ledger = Ledger()
    var session = engine.makeMemory(ledger)
    let rows = Self.common.map { InputRow.token($0) }
    let all = try await engine.forward(
      ForwardRequest(rows: rows, want: [.states(), .logits(.all)]), memory: &session, ledger: ledger
    )
    #expect(all.logits?.rows == rows.count)
    let before = network.forwardRows.reduce(0, +)
    _ = try await engine.forward(
      ForwardRequest(rows: rows), memory: &session, ledger: ledger)
    #expect(network.forwardRows.reduce(0, +) - before == rows.count)
    #expect(session.count == 2 * rows.count)
  }

  @Test(arguments: [
    PageLayout(layerCount: 64, keyValueHeadCount: 64, headSize: 128),
    PageLayout(layerCount: 1, keyValueHeadCount: 1, headSize: 2),
  ])
  func theCacheIsBounded(_ layout: PageLayout) throws {
    let cache = PrefixCache(layout: layout)
    let limit = cache.maximumPages
    #expect(
      limit <= PrefixCache.maximumCount && limit * layout.byteCount <= PrefixCache.maximumBytes)
    let meter = MemoryMeter()
    for start in 0..<3 * limit {
      var session = KeyValueMemory(layout: layout, meter: meter)
      session.makeRoom(for: 16)
      session.didAppend(16)
      cache.insert(session, tokens: Array(start * 100..<start * 100 + 16))
    }
    func known(_ start: Int) -> Int {
      var session = KeyValueMemory(layout: layout, meter: meter)
      cache.extend(&session, along: Array(start * 100..<start * 100 + 17))
      return session.count
    }
    let kept = (0..<3 * limit).filter { known($0) == 16 }
    #expect(kept.count <= limit && kept.last == 3 * limit - 1)
  }

  /// A prompt longer than the cache neither stays whole nor drives out every other.
  @Test func oneLongPromptIsKeptInPart() throws {
    let layout = PageLayout(layerCount: 64, keyValueHeadCount: 64, headSize: 128)
    let cache = PrefixCache(layout: layout)
    let meter = MemoryMeter()
    let tokens = Array(0..<16 * (cache.maximumPages + 4))
    var session = KeyValueMemory(layout: layout, meter: meter)
    session.makeRoom(for: tokens.count)
    session.didAppend(tokens.count)
    cache.insert(session, tokens: tokens)
    var other = KeyValueMemory(layout: layout, meter: meter)
    cache.extend(&other, along: tokens)
    #expect(other.count > 0 && other.count == cache.maximumDepth * 16)
  }
}
