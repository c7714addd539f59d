import CKernels
import TacitCheckpoint
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// A sequence gets the same bits through its own plans, alone and among others that have theirs, on
/// any number of threads and with every instruction set.
@Suite(.serialized) struct StackPlanInvarianceTests {
  /// All bits of a sequence of reads through plans of its own.
  static func bits(_ index: Int, on network: Network) async throws -> [[UInt32]] {
    try await network.scheduler.withSequence {
      var plans = RandomPlans(seed: index, network.configuration)
      var sequence = network.makeSequence()
      var bits: [[UInt32]] = []
      for read in 0..<5 {
        let count = read == 0 ? 1 + index * 37 % 90 : 1 + (index + read) % 6
        let ids = (0..<count).map { InputRow.token(($0 * 31 + index * 7 + read) % 700) }
        let plan = plans.plan(rowCount: count, columns: sequence.memory.count)
        let layer = index % network.configuration.layerCount + 1
        let readout = try await sequence.read(
          ids, want: [.states(.finalNorm, .all), .states(.residual(layer: layer)), .logits()],
          through: plan)
        bits.append(readout[.finalNorm]?.values.map(\.bitPattern) ?? [])
        bits.append(readout[.residual(layer: layer)]?.values.map(\.bitPattern) ?? [])
        bits.append(readout.logits?.values.map(\.bitPattern) ?? [])
        if read == 2 { try sequence.crop(to: sequence.rowCount - count / 2) }
      }
      return bits
    }
  }

  static func together(_ count: Int, on network: Network) async throws -> [[[UInt32]]] {
    let found = try await withThrowingTaskGroup(of: (Int, [[UInt32]]).self) { group in
      for index in 0..<count { group.addTask { (index, try await bits(index, on: network)) } }
      return try await group.reduce(into: [Int: [[UInt32]]]()) { $0[$1.0] = $1.1 }
    }
    return (0..<count).map { found[$0] ?? [] }
  }

  @Test(arguments: [
    ("gpt2", WeightPrecision()), ("llama", WeightPrecision()), ("mistral", WeightPrecision()),
    ("qwen3", WeightPrecision(activations: .fast)),
    ("qwen2", WeightPrecision(quantization: .q8_0, activations: .fast)),
  ]) func aloneAndTogether(name: String, precision: WeightPrecision) async throws {
    let model = try LanguageModel.load(
      Checkpoint(folder: Fixtures.model(name)), precision: precision)
    let network = { Network(model, keysAndValues: precision.keysAndValues) }
    let count = 32
    var alone: [[[UInt32]]] = []
    for index in 0..<count { alone.append(try await Self.bits(index, on: network())) }
    #expect(Set(alone).count == count)
    let (threads, level) = (Threads.count, tacit_kernels_level())
    defer {
      Threads.setCount(threads)
      tacit_kernels_select(level)
    }
    for level in [TACIT_LEVEL_PLAIN, TACIT_LEVEL_AVX2, TACIT_LEVEL_AVX512] {
      tacit_kernels_select(level)
      for threads in [1, 2] {
        Threads.setCount(threads)
        #expect(try await Self.together(count, on: network()) == alone, "\(level), \(threads)")
      }
    }
  }

  /// Elementwise parts of plans never split a batch; schedules that differ do.
  @Test func equalSchedulesShareABatch() async throws {
    let base = try LanguageModel.load(Checkpoint(folder: Fixtures.model("llama")))
    let width = base.configuration.hiddenSize
    func passes(_ plans: [StackPlan]) async throws -> [Int] {
      let watched = WatchedModel(base)
      let network = Network(watched.model, scheduler: Scheduler(batchesAtATime: 1))
      let line = Gate(count: plans.count)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for plan in plans {
          group.addTask {
            try await network.scheduler.withSequence {
              await line.wait()
              var sequence = network.makeSequence()
              _ = try await sequence.read([.token(1), .token(2)], through: plan)
            }
          }
        }
        try await group.waitForAll()
      }
      return watched.forwardRows
    }
    let loop = LayerSchedule(loops: [.init(0..<2, times: 2)])
    let edits = [
      StackPlan.plain, StackPlan(dropout: Dropout(rate: 0.5, key: 1)),
      StackPlan(additions: [
        VectorAddition([Float](repeating: 1, count: width), at: .residual(layer: 0))
      ]), StackPlan(visibility: .bidirectional),
    ]
    #expect(try await passes(edits) == [8])
    #expect(
      try await passes(edits + [StackPlan(schedule: loop), StackPlan(schedule: loop)]).sorted()
        == [4, 8])
  }
}

/// Lets everybody go once all have come.
private actor Gate {
  private var missing: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(count: Int) { missing = count }

  func wait() async {
    missing -= 1
    if missing == 0 {
      for continuation in waiting { continuation.resume() }
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
