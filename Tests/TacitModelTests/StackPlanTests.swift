import TacitCheckpoint
import TacitJSON
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// What each part of a plan does, against the same arithmetic put together otherwise.
@Suite struct StackPlanTests {
  static let names = ["gpt2", "llama", "qwen3"]
  static let prompt = (0..<23).map { InputRow.token($0 * 29 % 700) }

  static func model(_ name: String) throws -> LanguageModel {
    try LanguageModel.load(Checkpoint(folder: Fixtures.model(name)))
  }

  /// The same weights with the layers named, in this order.
  static func model(_ base: LanguageModel, _ name: String, layers: [Int]) throws -> LanguageModel {
    let checkpoint = try Checkpoint(folder: Fixtures.model(name))
    var values = try #require(checkpoint.configuration.object)
    values[base.configuration.family.keys.layerCount] = .integer(layers.count)
    return LanguageModel(
      try ModelConfiguration(.object(values), path: name), embedding: base.embedding,
      encoding: base.encoding, layers: layers.map { base.layers[$0] }, finalNorm: base.finalNorm,
      head: base.head)
  }

  static func states(
    _ model: LanguageModel, _ pieces: [[InputRow]], through plan: StackPlan = .plain
  ) async throws -> [Float] {
    var sequence = Network(model).makeSequence()
    var states: [Float] = []
    for piece in pieces {
      let readout = try await sequence.read(
        piece, want: [.states(.finalNorm, .all)], through: plan)
      states += readout[.finalNorm]?.values ?? []
    }
    return states
  }

  @Test(arguments: names) func neutralPartsChangeNoBit(name: String) async throws {
    let model = try Self.model(name)
    let vector = [Float](repeating: 3, count: model.configuration.hiddenSize)
    let plain = try await Self.states(model, [Self.prompt])
    for plan in [
      StackPlan(schedule: LayerSchedule(loops: [.init(0..<2, times: 1)])),
      StackPlan(dropout: Dropout(rate: 0, sites: Set(Dropout.Site.allCases), key: 5)),
      StackPlan(additions: [
        VectorAddition(vector, at: .feedForward(layer: 1), strength: 0, mode: .normKept),
        VectorAddition(vector, at: .residual(layer: 0), strength: 0),
      ]),
    ] {
      #expect(try await Self.states(model, [Self.prompt], through: plan) == plain)
    }
  }

  /// A loop is the stack in which its layers stand twice, with keys and values of their own, read
  /// at once or in pieces.
  @Test(arguments: names) func loopsAreLongerStacks(name: String) async throws {
    let model = try Self.model(name)
    let layers = Array(0..<model.configuration.layerCount)
    let longer = try Self.model(model, name, layers: [0, 1, 0, 1, 0, 1] + layers.dropFirst(2))
    let plan = StackPlan(schedule: LayerSchedule(loops: [.init(0..<2, times: 3)]))
    let expected = try await Self.states(longer, [Self.prompt])
    #expect(try await Self.states(model, [Self.prompt], through: plan) == expected)
    let pieces = [Array(Self.prompt.prefix(9)), [Self.prompt[9]], Array(Self.prompt.dropFirst(10))]
    #expect(try await Self.states(model, pieces, through: plan) == expected)
  }

  @Test(arguments: names) func skippedLayersAreShorterStacks(name: String) async throws {
    let model = try Self.model(name)
    let count = model.configuration.layerCount
    let skipping = StackPlan(schedule: LayerSchedule(skipped: [1]))
    let shorter = try Self.model(model, name, layers: [0] + Array(2..<count))
    #expect(
      try await Self.states(model, [Self.prompt], through: skipping)
        == Self.states(shorter, [Self.prompt]))
    let ending = StackPlan(schedule: LayerSchedule(end: count - 1))
    let cut = try Self.model(model, name, layers: Array(0..<count - 1))
    #expect(
      try await Self.states(model, [Self.prompt], through: ending)
        == Self.states(cut, [Self.prompt]))
  }

  /// Columns of a layer that did not run hold what it makes of the state at hand, or a copy.
  @Test func columnsOfLayersThatDidNotRun() async throws {
    let model = try Self.model("llama")
    let count = model.configuration.layerCount
    func columns(_ unread: LayerSchedule.UnreadColumns) async throws -> (KeyValueMemory, Tensor) {
      var sequence = Network(model).makeSequence()
      _ = try await sequence.read(Self.prompt.prefix(4))
      let readout = try await sequence.read(
        Self.prompt.dropFirst(4), want: [.states(.residual(layer: count - 1), .all)],
        through: StackPlan(schedule: LayerSchedule(end: count - 1, unread: unread)))
      return (sequence.memory, try #require(readout[.residual(layer: count - 1)]))
    }
    func key(_ memory: KeyValueMemory, _ column: Int) -> [Float] {
      let (page, offset) = memory.place(column)
      let (layout, base) = (memory.layout, memory.pages[page].page.base)
      return (0..<layout.keyValueHeadCount).flatMap { head in
        (0..<layout.headSize).map { index in
          let element =
            (count - 1) * layout.layerStride
            + (head * PageLayout.columnCount + offset) * layout.headSize + index
          return base.load(fromByteOffset: 4 * element, as: Float.self)
        }
      }
    }
    let (projected, states) = try await columns(.projected)
    let positions = (4..<Int32(Self.prompt.count)).map { $0 }
    let places = model.encoding.places(positions, tail: .all)
    let expected = model.layers[count - 1].keysAndValues(states, places).key
    for row in 0..<expected.rows { #expect(key(projected, 4 + row) == expected[row]) }
    let (copied, _) = try await columns(.copied(from: 2))
    #expect(key(copied, 2) != key(copied, 3))
    for column in 4..<Self.prompt.count { #expect(key(copied, column) == key(copied, 2)) }
  }

  @Test func vectorsReachTheirRowsAlone() async throws {
    let model = try Self.model("qwen3")
    let width = model.configuration.hiddenSize
    let vector = (0..<width).map { Float($0 % 5) - 2 }
    func taps(_ plan: StackPlan) async throws -> [[Float]] {
      var sequence = Network(model).makeSequence()
      let tap = Tap.residual(layer: 1)
      let states = try await sequence.read(
        Self.prompt, want: [.states(tap, .all)], through: plan)[tap]
      return states.map { states in (0..<states.rows).map { states[$0] } } ?? []
    }
    let plain = try await taps(.plain)
    let added = try await taps(
      StackPlan(additions: [
        VectorAddition(vector, at: .residual(layer: 0), rows: .range(3..<5), strength: 2)
      ]))
    let turned = try await taps(
      StackPlan(additions: [
        VectorAddition(
          vector, at: .residual(layer: 0), rows: .last, strength: 0.5, mode: .normKept)
      ]))
    let last = Self.prompt.count - 1
    for row in Self.prompt.indices {
      #expect(
        added[row] == (3..<5 ~= row ? zip(plain[row], vector).map { $0 + 2 * $1 } : plain[row]))
      if row < last { #expect(turned[row] == plain[row]) }
    }
    func norm(_ row: [Float]) -> Float { row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(turned[last] != plain[last])
    #expect(abs(norm(turned[last]) / norm(plain[last]) - 1) < 1e-5)
  }

  /// Branches of a tree that are read in one pass give what each gives alone.
  @Test(arguments: names) func branchesOfATree(name: String) async throws {
    let model = try Self.model(name)
    var sequence = Network(model).makeSequence()
    _ = try await sequence.read(Self.prompt)
    let columns = Self.prompt.count
    // Nodes 1 and 2 are children of 0 and siblings, 3 is a child of 2: the first branch is cut.
    let seen = [
      [0..<columns + 1], [0..<columns + 2], [0..<columns + 1, columns + 2..<columns + 4],
    ]
    var tree = sequence
    let block = try await tree.read(
      [.token(5), .token(6), .token(7)], want: [.states(.finalNorm, .all)],
      through: StackPlan(
        visibility: .ranges(seen.map { $0.map { $0.clamped(to: 0..<columns + 3) } })))
    var chain = sequence
    let alone = try await chain.read(
      [.token(5), .token(6)], want: [.states(.finalNorm, .all)])
    let found = try #require(block[.finalNorm]), expected = try #require(alone[.finalNorm])
    #expect(relativeDifference([found[0], found[1]], [expected[0], expected[1]]) < 1e-5)
  }

  /// In a block whose rows see each other the order of keys does not matter to what is seen.
  @Test func bidirectionalBlocksSeeAllTheirRows() async throws {
    let model = try Self.model("llama")
    var sequence = Network(model).makeSequence()
    _ = try await sequence.read(Self.prompt)
    let rows = [InputRow.token(5), .token(6), .token(7)]
    func first(_ rows: [InputRow], _ visibility: BlockVisibility) async throws -> [Float] {
      var fork = sequence
      let states = try await fork.read(
        rows, want: [.states(.finalNorm, .all)], through: StackPlan(visibility: visibility))
      return states[.finalNorm]?[0] ?? []
    }
    let all = try await first(rows, .bidirectional)
    let columns = Self.prompt.count + 3
    #expect(try await first(rows, .ranges(rows.map { _ in [0..<columns] })) == all)
    #expect(try await first(rows, .causal) != all)
    #expect(try await first([.token(5), .token(6), .token(8)], .bidirectional) != all)
    #expect(
      try await first(rows, .causal) == first([.token(5), .token(9), .token(8)], .causal))
  }

  @Test(arguments: names) func gradientsGoThroughPlans(name: String) async throws {
    let model = try Self.model(name)
    let configuration = model.configuration
    let vector = (0..<configuration.hiddenSize).map { Float($0 % 7) - 3 }
    let plan = StackPlan(
      schedule: LayerSchedule(loops: [.init(0..<2, times: 2, step: 0.5)], skipped: [2]),
      dropout: Dropout(rate: 0.2, sites: [.embedding, .attention, .feedForward], key: 9),
      additions: [
        VectorAddition(vector, at: .feedForward(layer: 1), strength: 0.4, mode: .normKept),
        VectorAddition(vector, at: .attention(layer: 0), strength: 0.1),
      ])
    var sequence = Network(model).makeSequence()
    let row = try #require(try await sequence.read(Self.prompt, through: plan).hidden)
    let before = sequence.ledger.counts
    let gradient = try await sequence.gradient(at: row, through: plan) { state, row in
      state.meanSquaredError(row)
    }
    let cost = configuration.cost(ofRows: 23..<24, wanted: 1, plan: plan)
    #expect(
      sequence.ledger.counts.floatingPointOperations - before.floatingPointOperations
        == 2 * cost.floatingPointOperations)
    func loss(_ row: [Float]) async throws -> Double {
      var fork = sequence.fork()
      let state = try #require(try await fork.read([.vector(row)], through: plan).hidden)
      let sum = zip(state, row).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
      return sum / Double(row.count)
    }
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    for index in stride(from: 0, to: row.count, by: 9) {
      var (above, below) = (row, row)
      above[index] += 0.01
      below[index] -= 0.01
      let (high, low) = (try await loss(above), try await loss(below))
      let difference = (high - low) / Double(above[index] - below[index])
      #expect(abs(Double(gradient[index]) - difference) < 1e-2 * Double(largest))
    }
  }
}
