import TacitCheckpoint
import TacitFault
import TacitModel
import TacitTensor
import TacitTesting
import Testing

@testable import TacitBench

@Suite struct BenchTests {
  /// Two layers of width 64, one key/value head of 32 for two query heads.
  static func configuration(tied: Bool = true) throws -> ModelConfiguration {
    try ModelConfiguration(
      [
        "model_type": "qwen3", "vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32,
        "intermediate_size": 128, "max_position_embeddings": 64,
        "tie_word_embeddings": .boolean(tied),
      ], path: "test")
  }

  static func model(
    tied: Bool = true, element: ElementType = .bfloat16,
    precision: WeightPrecision = WeightPrecision()
  ) throws -> BenchModel {
    try BenchModel(
      named: "test", configuration(tied: tied), element: element, seed: 0, precision: precision)
  }

  static var settings: BenchSettings {
    var settings = BenchSettings()
    settings.sessionCounts = [1, 5]
    settings.promptLength = 40
    settings.contextLength = 20
    settings.stepCount = 7
    settings.repetitionCount = 2
    return settings
  }

  @Test func everyBatchHoldsAllSessions() async throws {
    var model = try Self.model()
    let watched = WatchedModel(model.network.model)
    model.network = Network(watched.model, scheduler: Scheduler(batchesAtATime: 1))
    let bench = try Bench(model, settings: Self.settings)
    let results = try await bench.run { _ in }
    #expect(results.map(\.workload) == [.prefill, .decode, .decode, .latent, .latent])
    #expect(results.map(\.sessionCount) == [1, 1, 5, 1, 5])
    let prompts = [Int](repeating: 40, count: 3)
    let alone = [Int](repeating: 1, count: 3 * 7)
    let together = [Int](repeating: 5, count: 3 * 7)
    #expect(watched.forwardRows == prompts + [100] + alone + together + alone + together)
  }

  @Test func countsWhatSessionsCost() async throws {
    let results = try await Bench(Self.model(), settings: Self.settings).run { _ in }
    for result in results {
      #expect(result.seconds.values.count == 2 && result.seconds.minimum > 0)
      #expect(result.positionCount == (result.workload == .prefill ? 40 : 7))
    }
    let operations = results.map(\.floatingPointOperations)
    #expect(operations[2] == 5 * operations[1] && operations[4] == 5 * operations[3])
    // A head of 64 · 96 multiply-adds for each token.
    #expect(operations[1] - operations[3] == Double(7 * 2 * 64 * 96))
    // Pages of 16 columns: 40 positions take three, 20 + 7 take two.
    let page = 2 * 2 * 16 * 32 * 4
    #expect(results.map { $0.keyValueByteCount / page } == [3, 2, 10, 2, 10])
    #expect(results.allSatisfy { $0.keyValueByteCount % page == 0 })
    // Steps after 20 positions see 21 ... 27 columns of a sixteenth of a page.
    #expect(results.map { $0.keyValueBytesRead / (page / 16) } == [40, 168, 840, 168, 840])
  }

  @Test func bytesThatStepsRead() throws {
    let layers = 2 * (64 * 64 + 2 * 32 * 64 + 64 * 64 + 3 * 64 * 128)
    let gains = 4 * (2 * (2 * 64 + 2 * 32) + 64)
    func bytes(_ model: BenchModel, _ workload: Workload, sessions: Int) -> Int {
      model.traffic.bytes(
        perStepOf: workload, sessions: sessions, promptLength: 40, batchRows: 64)
    }
    for tied in [true, false] {
      let model = try Self.model(tied: tied)
      #expect(model.arithmetic == .float32 && model.packedByteCount == 0)
      #expect(bytes(model, .latent, sessions: 3) == 2 * layers + gains)
      #expect(bytes(model, .decode, sessions: 3) == 2 * (layers + 64 * 96 + 3 * 64) + gains)
      // 120 rows in batches of 64.
      #expect(
        bytes(model, .prefill, sessions: 3)
          == 2 * (2 * layers + gains) + 2 * 2 * 64 * 96 + 120 * 2 * 64)
      #expect(model.storedByteCount == 2 * (layers + 64 * 96 * (tied ? 1 : 2)))
    }
    let quantized = try Self.model(
      precision: WeightPrecision(quantization: .q4_0, activations: .fast))
    #expect(quantized.arithmetic == .int8)
    #expect(bytes(quantized, .latent, sessions: 1) == layers / 32 * 18 + gains)
    let rows = 64 * 96 / 32 * 34
    #expect(bytes(quantized, .decode, sessions: 1) == (layers / 32 * 18) + gains + rows + rows / 96)
    #expect(quantized.packedByteCount == layers / 32 * 18 + rows)
    let fast = WeightPrecision(activations: .fast)
    #expect(try Self.model(precision: fast).arithmetic == .bfloat16)
    #expect(try Self.model(precision: fast).network.layout.element == .float16)
    #expect(try Self.model(element: .float32, precision: fast).arithmetic == .float32)
    let exact = WeightPrecision(quantization: .q8_0)
    #expect(try Self.model(precision: exact).arithmetic == .float32)
  }

  @Test(arguments: [ElementType.bfloat16, .float16])
  func statesStayFinite(element: ElementType) async throws {
    var prompts = PromptSource(vocabularySize: 96, seed: 0)
    let session = LiveSession(
      try Self.model(element: element).network, prompt: prompts.next(length: 20))
    try await session.read()
    let before = session.hidden
    try await session.think(steps: 30)
    try session.rewind()
    #expect(before.count == 64 && before.allSatisfy { $0.isFinite && abs($0) < 100 })
    // A session that is back at its prompt goes on as before.
    try await session.decode(steps: 3)
    #expect(session.sequence.memory.count == 23)
  }

  @Test func promptsBeginDifferently() {
    var prompts = PromptSource(vocabularySize: 50, seed: 4)
    let firsts = (0..<50).map { _ in prompts.next(length: 3)[0] }
    #expect((0..<50).allSatisfy { firsts.contains(.token($0)) })
    #expect(prompts.next(length: 200)[0] == firsts[0])
  }

  @Test func modelsMustBeLongEnough() throws {
    let model = try Self.model()
    var settings = Self.settings
    settings.promptLength = 65
    #expect(throws: Fault.self) { try Bench(model, settings: settings) }
    settings.workloads = [.latent]
    _ = try Bench(model, settings: settings)
    settings.contextLength = 58
    #expect(throws: Fault.self) { try Bench(model, settings: settings) }
  }

  @Test func cancellationEnds() async throws {
    var settings = Self.settings
    settings.repetitionCount = 1_000_000
    let bench = try Bench(Self.model(), settings: settings)
    let task = Task { try await bench.run { _ in } }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
