import TacitCheckpoint
import TacitTesting
import Testing

@testable import TacitModel

/// Forks, crops and tails of a memory behave as memories built from the start.
@Suite struct KeyValueMemoryTests {
  let engine: Engine
  let ledger = Ledger()

  init() throws {
    engine = Engine(model: try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama"))))
  }

  private func read(_ ids: some Sequence<Int>, into memory: inout KeyValueMemory) async throws
    -> [Float]
  {
    let request = ForwardRequest(rows: ids.map { .token($0) })
    return try #require(
      try await engine.forward(request, memory: &memory, ledger: ledger).hidden)
  }

  private func fresh(_ ids: some Sequence<Int>) async throws -> KeyValueMemory {
    var memory = engine.makeMemory(ledger)
    _ = try await read(ids, into: &memory)
    return memory
  }

  @Test(arguments: [1, 15, 16, 17, 40]) func forksDoNotSeeEachOther(length: Int) async throws {
    var original = try await fresh(0..<length)
    var fork = original
    let left = try await read([500, 501], into: &original)
    let right = try await read([600, 601], into: &fork)
    var expected = try await fresh(Array(0..<length) + [500])
    #expect(try await read([501], into: &expected) == left)
    expected = try await fresh(Array(0..<length) + [600])
    #expect(try await read([601], into: &expected) == right)
  }

  @Test func aForkSharesPagesUntilItIsWritten() async throws {
    let memory = try await fresh(0..<40)
    let page = memory.byteCount / 3
    let held = ledger.meter.currentBytes
    #expect(held == memory.byteCount)
    var fork = memory
    #expect(ledger.meter.currentBytes == held)
    _ = try await read([1], into: &fork)
    #expect(ledger.meter.currentBytes == held + page)
    #expect(ledger.meter.peakBytes >= held + page)
  }

  @Test(arguments: [0, 1, 16, 20, 39, 40]) func cropForgetsTheRest(count: Int) async throws {
    var memory = try await fresh(0..<40)
    let other = memory
    memory.crop(to: count)
    #expect(memory.count == count && memory.nextPosition == count)
    let found = try await read([700, 300], into: &memory)
    var expected = try await fresh(Array(0..<count) + [700])
    #expect(try await read([300], into: &expected) == found)
    #expect(other.count == 40)
  }

  /// A tail keeps its positions: with nothing dropped between, it is what appending a memory to
  /// an empty one gives, wherever the pages begin.
  @Test(arguments: [1, 5, 16, 23, 40]) func tailsAndAppends(count: Int) async throws {
    var tail = try await fresh(0..<40)
    tail.keepTail(count)
    #expect(tail.positions == (40 - count..<40).map { Int32($0) })
    #expect(tail.nextPosition == 40)
    var copy = engine.makeMemory(ledger)
    copy.append(tail)
    #expect(copy.positions == tail.positions && copy.nextPosition == 40)
    let fromTail = try await read([9, 8, 7], into: &tail)
    let fromCopy = try await read([9, 8, 7], into: &copy)
    #expect(fromTail == fromCopy)
    #expect(tail.positions.last == 42)
  }

  @Test func splittingAndAppendingChangesNothing() async throws {
    var whole = try await fresh(0..<37)
    var head = whole
    head.crop(to: 21)
    var tail = whole
    tail.keepTail(16)
    head.append(tail)
    #expect(head.positions == whole.positions)
    let expected = try await read([3, 4], into: &whole)
    #expect(try await read([3, 4], into: &head) == expected)
  }

  @Test func memoryIsReturned() async throws {
    do {
      let memory = try await fresh(0..<100)
      var fork = memory
      _ = try await read([1, 2, 3], into: &fork)
      #expect(ledger.meter.currentBytes > 0)
    }
    #expect(ledger.meter.currentBytes == 0)
  }
}
