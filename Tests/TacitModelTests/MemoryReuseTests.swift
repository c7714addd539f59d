import TacitCheckpoint
import TacitTesting
import Testing

@testable import TacitModel
@testable import TacitTensor

/// Memory that one sequence gives back serves the next one.
@Suite struct MemoryReuseTests {
  /// Other tests allocate meanwhile, so one try in twenty must do without the system.
  static func fewestAllocations(_ body: () async throws -> Void) async rethrows -> Int {
    var fewest = Int.max
    for _ in 0..<20 {
      let before = TensorStorage.allocationCount
      try await body()
      fewest = min(fewest, TensorStorage.allocationCount - before)
    }
    return fewest
  }

  @Test func pagesOfKeysAndValues() async {
    let layout = PageLayout(layerCount: 3, keyValueHeadCount: 5, headSize: 24)
    let meter = MemoryMeter()
    func bases() -> Set<UnsafeMutableRawPointer> {
      var session = KeyValueMemory(layout: layout, meter: meter)
      session.makeRoom(for: 40 * PageLayout.columnCount)
      return Set(session.pages.map { $0.page.base })
    }
    let fewest = await Self.fewestAllocations {
      let first = bases()
      #expect(bases().intersection(first).count > 0)
    }
    #expect(fewest == 0)
    // A page that is used again holds nothing of its last user.
    var session = KeyValueMemory(layout: layout, meter: meter)
    session.makeRoom(for: 1)
    let page = session.pages[0].page
    let bytes = UnsafeRawBufferPointer(start: page.base, count: layout.byteCount)
    #expect(bytes.allSatisfy { $0 == 0 })
  }

  /// Steps of decoding and of thinking ask the system for no memory of tensors or pages.
  @Test func steadySteps() async throws {
    let network = try LanguageModel.load(Checkpoint(folder: Fixtures.model("qwen3")))
    let engine = Engine(model: network)
    let fewest = try await Self.fewestAllocations {
      try await engine.scheduler.withSequence {
        let ledger = Ledger()
        var session = engine.makeMemory(ledger)
        var row = InputRow.token(3)
        for step in 0..<40 {
          let request = ForwardRequest(
            rows: [row], want: step % 2 == 0 ? [.states(), .logits()] : [.states()])
          let result = try await engine.forward(request, memory: &session, ledger: ledger)
          row =
            step % 2 == 0
            ? .token(result.logits?[0].argmax() ?? 0) : .vector(result.hidden ?? [])
        }
      }
    }
    #expect(fewest == 0)
  }
}
