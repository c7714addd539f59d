import TacitRandom

@testable import TacitModel

/// Plans drawn at random, each part of one with even odds.
struct RandomPlans {
  private var random: CounterRandom
  let configuration: ModelConfiguration

  init(seed: Int, _ configuration: ModelConfiguration) {
    random = CounterRandom(key: UInt64(seed), stream: SIMD3(7, 7, 7))
    self.configuration = configuration
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[random.integer(below: elements.count)]
  }

  mutating func range(below count: Int) -> Range<Int> {
    let start = random.integer(below: count)
    return start..<start + 1 + random.integer(below: count - start)
  }

  /// A plan for a read of `rowCount` rows behind `columns` columns.
  mutating func plan(rowCount: Int, columns: Int) -> StackPlan {
    var plan = StackPlan.plain
    if pick([true, false]) { plan.schedule = schedule(columns: columns) }
    if pick([true, false]) {
      plan.dropout = Dropout(
        rate: pick([0.1, 0.3, 0.5]),
        sites: Set(Dropout.Site.allCases.filter { _ in pick([true, false]) }),
        rows: rows(rowCount), key: random.bits())
    }
    for _ in 0..<random.integer(below: 4) { plan.additions.append(addition(rowCount)) }
    plan.visibility = pick([.causal, .causal, .bidirectional, ranges(rowCount, columns)])
    return plan
  }

  private mutating func schedule(columns: Int) -> LayerSchedule {
    let count = configuration.layerCount
    var schedule = LayerSchedule.plain
    let block = range(below: count)
    if pick([true, false]) {
      schedule.loops = [.init(block, times: pick([1, 2, 3]), step: pick([1, 0.5]))]
    }
    // Layer 0 always runs.
    if pick([true, false]), count > 1 { schedule.skipped = [1 + random.integer(below: count - 1)] }
    if pick([true, false]), count > 1 { schedule.end = 1 + random.integer(below: count) }
    if columns > 0, pick([true, false]) {
      schedule.unread = .copied(from: random.integer(below: columns))
    }
    return schedule
  }

  private mutating func rows(_ count: Int) -> PlannedRows {
    pick([.all, .last, .range(range(below: count))])
  }

  private mutating func addition(_ rowCount: Int) -> VectorAddition {
    let layer = random.integer(below: configuration.layerCount)
    return VectorAddition(
      random.gaussians(configuration.hiddenSize),
      at: pick([
        .embedding, .attention(layer: layer), .feedForward(layer: layer), .residual(layer: layer),
      ]),
      rows: rows(rowCount), strength: pick([0.1, 0.5, -0.3]), mode: pick([.added, .normKept]))
  }

  private mutating func ranges(_ rowCount: Int, _ columns: Int) -> BlockVisibility {
    .ranges((0..<rowCount).map { _ in [range(below: columns + rowCount)] })
  }
}
