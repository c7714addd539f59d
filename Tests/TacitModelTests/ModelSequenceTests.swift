import TacitCheckpoint
import TacitFault
import TacitTesting
import Testing

@testable import TacitModel

/// The one door to a model: rows that wait, accounts, limits, and what is refused.
@Suite struct ModelSequenceTests {
  let network: Network

  init() throws {
    network = Network(try LanguageModel.load(Checkpoint(folder: Fixtures.model("gpt2"))))
  }

  /// Rows that wait are read together, those of other plans before them.
  @Test func rowsWaitUntilSomethingIsAsked() async throws {
    let rows = (0..<9).map { InputRow.token($0) }
    var sequence = network.makeSequence()
    sequence.feed(rows.prefix(4))
    sequence.feed(rows[4..<5])
    #expect(sequence.waitingCount == 5 && sequence.memory.count == 0)
    try sequence.crop(to: 3)
    #expect(sequence.rowCount == 3)
    sequence.plan = StackPlan(schedule: LayerSchedule(skipped: [1]))
    sequence.feed(rows[3..<5])
    sequence.plan = .plain
    let found = try await sequence.read(rows[5...])
    #expect(sequence.ledger.counts.forwardPasses == 3)
    var other = network.makeSequence()
    _ = try await other.read(rows.prefix(3))
    _ = try await other.read(
      rows[3..<5], through: StackPlan(schedule: LayerSchedule(skipped: [1])))
    #expect(try await other.read(rows[5...]).hidden == found.hidden)
  }

  /// No rows under another plan leave the outputs to the rows that wait.
  @Test func nothingFedChangesNothing() async throws {
    let looped = StackPlan(schedule: LayerSchedule(loops: [.init(1..<2, times: 2)]))
    var sequence = network.makeSequence()
    sequence.feed([.token(1), .token(2)])
    let found = try await sequence.read([], want: [.states(), .logits()], through: looped)
    var plain = network.makeSequence()
    let expected = try await plain.read([.token(1), .token(2)], want: [.states(), .logits()])
    #expect(found.hidden == expected.hidden && found.logits?[0] == expected.logits?[0])
  }

  /// Columns of another model of the same shape are refused.
  @Test func memoriesOfOneModelOnly() async throws {
    let twin = Network(try LanguageModel.load(Checkpoint(folder: Fixtures.model("gpt2"))))
    var sequence = network.makeSequence()
    var own = network.makeSequence()
    var foreign = twin.makeSequence()
    for token in 0..<3 {
      _ = try await own.read([.token(token)])
      _ = try await foreign.read([.token(token)])
    }
    try await sequence.append(own)
    #expect(sequence.memory.count == 3)
    let foreigner = foreign
    await #expect(throws: Fault.self) { try await sequence.append(foreigner) }
  }

  @Test func costsFollowTheLayersThatRan() async throws {
    func operations(_ schedule: LayerSchedule) async throws -> Double {
      var sequence = network.makeSequence()
      _ = try await sequence.read(
        (0..<20).map { .token($0) }, want: [.states(.finalNorm, .all)],
        through: StackPlan(schedule: schedule))
      return sequence.ledger.counts.floatingPointOperations
    }
    let layers = Double(network.configuration.layerCount)
    let one = try await operations(.plain) / layers
    let looped = try await operations(LayerSchedule(loops: [.init(0..<2, times: 3)]))
    #expect(abs(looped / one - (layers + 4)) < 1e-9)
    // A layer that is skipped still makes keys and values, which are not copied.
    let skipped = try await operations(LayerSchedule(skipped: [1]))
    #expect(skipped < layers * one && skipped > (layers - 1) * one)
    var sequence = network.makeSequence()
    _ = try await sequence.read([.token(1)])
    let before = sequence.ledger.counts.floatingPointOperations
    _ = try await sequence.read(
      [.token(2)],
      through: StackPlan(schedule: LayerSchedule(skipped: [1], unread: .copied(from: 0))))
    let copied = sequence.ledger.counts.floatingPointOperations - before
    var plain = network.makeSequence()
    _ = try await plain.read([.token(1)])
    _ = try await plain.read([.token(2)])
    let whole = plain.ledger.counts.floatingPointOperations - before
    #expect(abs(copied / whole - (layers - 1) / layers) < 1e-9)
  }

  @Test func limitsHoldForSiblings() async throws {
    var sequence = network.makeSequence(positionLimit: 5)
    _ = try await sequence.read([.token(1), .token(2)])
    var sibling = sequence.sibling(on: network)
    _ = try await sibling.read([.vector([Float](repeating: 0.1, count: 64)), .token(2)])
    #expect(sequence.ledger.counts.positions == 4 && sequence.ledger.counts.latentSteps == 0)
    await #expect(throws: BudgetExhausted(limit: "positions")) {
      try await sequence.read([.token(1), .token(2)])
    }
    #expect(sequence.waitingCount == 2)
  }

  static let faulty: [(StackPlan, String)] = [
    (StackPlan(schedule: LayerSchedule(loops: [.init(2..<5, times: 2)])), "a loop's layers"),
    (StackPlan(schedule: LayerSchedule(loops: [.init(0..<2, times: 0)])), "runs of a loop"),
    (StackPlan(schedule: LayerSchedule(loops: [.init(0..<2, times: 2, step: .nan)])), "the step"),
    (
      StackPlan(
        schedule: LayerSchedule(loops: [.init(0..<2, times: 2), .init(1..<3, times: 2)])), "loops"
    ),
    (StackPlan(schedule: LayerSchedule(skipped: [3])), "a skipped layer"),
    (StackPlan(schedule: LayerSchedule(end: 0)), "the end"),
    (StackPlan(schedule: LayerSchedule(skipped: [0, 1, 2])), "the schedule"),
    (StackPlan(schedule: LayerSchedule(skipped: [1], unread: .copied(from: 0))), "the column"),
    (StackPlan(dropout: Dropout(rate: 1, key: 0)), "the rate"),
    (StackPlan(dropout: Dropout(rate: 0.1, rows: .range(0..<3), key: 0)), "the rows of dropout"),
    (
      StackPlan(additions: [
        VectorAddition([Float](repeating: 0, count: 64), at: .residual(layer: 3))
      ]), "the layer of a vector"
    ),
    (StackPlan(visibility: .ranges([[0..<1]])), "visible columns"),
    (StackPlan(visibility: .ranges([[0..<1], [0..<9]])), "visible columns"),
  ]

  @Test(arguments: faulty.indices) func impossiblePlansAreRefused(index: Int) async throws {
    let (plan, part) = Self.faulty[index]
    var sequence = network.makeSequence()
    do {
      _ = try await sequence.read([.token(1), .token(2)], through: plan)
      Issue.record("plan \(index) was read")
    } catch let error as Fault {
      #expect("\(error)".contains(part), "\(error)")
    }
    #expect(sequence.ledger.counts == Counts())
  }

  @Test func impossibleReadsAreRefused() async throws {
    var sequence = network.makeSequence()
    await #expect(throws: Fault.rowsOutOfRange(rows: 0..<3, count: 2)) {
      try await sequence.read([.token(1), .token(2)], want: [.logits(.rows(0..<3))])
    }
    #expect(throws: Fault.columns("a crop", found: 9, held: 2)) { try sequence.crop(to: 9) }
    try sequence.crop(to: 0)
    await #expect(throws: Fault.self) {
      try await sequence.gradient(
        at: [Float](repeating: 0, count: 64),
        through: StackPlan(dropout: Dropout(rate: 0.5, sites: [.attentionWeights], key: 0))
      ) { state, _ in state }
    }
  }
}
