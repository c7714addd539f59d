import TacitFault
import TacitTensor

/// The rows that one sequence reads in a pass.
public struct RecordedPart: Sendable {
  /// What it has read before.
  public var session: RecordedSession
  /// Rows that it reads.
  public var rowCount: Int
  /// Rows at the end of those whose states are wanted.
  public var wantedCount: Int

  /// Rows whose states are wanted: all of them unless said otherwise.
  public init(_ session: RecordedSession, rowCount: Int, wantedCount: Int? = nil) {
    precondition(rowCount > 0, "a part reads at least one row")
    precondition((0...rowCount).contains(wantedCount ?? rowCount), "more states than rows")
    self.session = session
    self.rowCount = rowCount
    self.wantedCount = wantedCount ?? rowCount
  }
}

extension StackPlan {
  /// Refuses what no gradient is known of.
  /// - Throws: ``Fault/plan(_:expected:found:)`` that names the part.
  func requireGradient() throws(Fault) {
    let expected = "a plan that gradients pass through"
    if let dropout, dropout.rate > 0, dropout.sites.contains(.attentionWeights) {
      throw .plan("dropout", expected: expected, found: Dropout.Site.attentionWeights.rawValue)
    }
    if visibility != .causal {
      throw .plan("visible columns", expected: expected, found: "\(visibility)")
    }
    if case .copied = schedule.unread {
      throw .plan("columns of layers that do not run", expected: expected, found: "copies")
    }
  }
}

/// The memory of one pass over several sequences, through which gradients find their way back.
///
/// Each pass has one of its own; ``sessions`` are then the memories of the next ones.
public struct RecordedMemory: AttentionMemory {
  /// Position of each row of the pass.
  public let positions: [Int32]
  /// What each sequence has read with this pass.
  public let sessions: [RecordedSession]

  let schedule: LayerSchedule
  let edits: PassEdits?
  private let configuration: ModelConfiguration
  private let pass: RecordedPass
  /// This pass and every one that it looks back to.
  private let passes: [RecordedPass]
  private let all: RecordedBatch
  private let tail: RecordedBatch
  /// Rows of the wanted tails; nil when they are all rows.
  let tailRows: [Int]?

  /// The memory of a pass that reads the parts one after another, each through the stack as it is.
  public init(_ parts: [RecordedPart], configuration: ModelConfiguration) {
    self.init(parts, schedule: .plain, edits: nil, configuration)
  }

  /// The memory of a pass that reads the parts one after another through plans of their own, whose
  /// schedules are equal.
  /// - Throws: ``Fault/plan(_:expected:found:)`` for plans that do not fit, or of which no
  ///   gradient is known.
  public init(
    _ parts: [RecordedPart], through plans: [StackPlan], configuration: ModelConfiguration
  ) throws(Fault) {
    let schedule = plans.first?.schedule ?? .plain
    guard plans.count == parts.count, plans.allSatisfy({ $0.schedule == schedule }) else {
      throw .plan(
        "the plans of a pass",
        expected: "one of the same schedule for each of \(parts.count) parts",
        found: "\(plans.count) plans")
    }
    for (part, plan) in zip(parts, plans) {
      try plan.validate(configuration, rowCount: part.rowCount, columns: part.session.count)
      try plan.requireGradient()
    }
    self.init(parts, schedule: schedule, edits: Self.edits(of: parts, plans), configuration)
  }

  private init(
    _ parts: [RecordedPart], schedule: LayerSchedule, edits: PassEdits?,
    _ configuration: ModelConfiguration
  ) {
    self.configuration = configuration
    self.schedule = schedule
    self.edits = edits
    pass = RecordedPass(layerCount: configuration.layerCount)
    var passes = [pass]
    var indices = [ObjectIdentifier(pass): 0]
    var all = RecordedBatch()
    var tail = RecordedBatch()
    var tailRows: [Int] = []
    var positions: [Int32] = []
    var sessions: [RecordedSession] = []
    for part in parts {
      let start = positions.count
      let rows = start..<start + part.rowCount
      let first = part.session.nextPosition
      positions += (first..<first + part.rowCount).map { Int32($0) }
      var session = part.session
      session.append(RecordedSession.Stretch(pass: pass, rows: rows))
      sessions.append(session)
      let columns = session.stretches.map { stretch in
        let index = indices[ObjectIdentifier(stretch.pass), default: passes.count]
        if index == passes.count { passes.append(stretch.pass) }
        indices[ObjectIdentifier(stretch.pass)] = index
        return RecordedColumns(source: index, rows: stretch.rows)
      }
      all.append(columns: columns, rows: part.rowCount)
      tail.append(columns: columns, rows: part.wantedCount)
      tailRows += rows.suffix(part.wantedCount)
    }
    self.passes = passes
    self.all = all
    self.tail = tail
    self.tailRows = tailRows.count == positions.count ? nil : tailRows
    self.positions = positions
    self.sessions = sessions
  }

  /// Keeps keys and values of a layer for this pass and later ones, and attends causally.
  ///
  /// Weights are not dropped here: no gradient of attention knows factors.
  mutating func attend(
    _ step: ScheduleStep, query: Tensor, key: Tensor, value: Tensor, subset: RowSubset,
    window: Int?, edits: PassEdits?
  ) -> Tensor {
    store(step, key: key, value: value)
    let shape = AttentionShape(
      heads: configuration.headCount, keyValueHeads: configuration.keyValueHeadCount,
      headSize: configuration.headSize, window: window)
    let columns = passes.map { $0.columns(layer: step.layer, repetition: step.repetition) }
    return query.attention(
      over: subset == .all ? all : tail, keys: columns.map(\.key), values: columns.map(\.value),
      shape: shape)
  }

  /// Refused when the pass was made.
  mutating func copyColumns(_ step: ScheduleStep, from column: Int) {
    preconditionFailure("copies of columns have no gradient")
  }

  private static func edits(of parts: [RecordedPart], _ plans: [StackPlan]) -> PassEdits? {
    var (start, tailStart) = (0, 0)
    return PassEdits(
      zip(parts, plans).map { part, plan in
        defer {
          start += part.rowCount
          tailStart += part.wantedCount
        }
        return PassEdits.Part(
          plan: plan, readCount: part.rowCount, firstRow: 0, firstColumn: part.session.count,
          all: start..<start + part.rowCount, tail: tailStart..<tailStart + part.wantedCount)
      })
  }

  mutating func store(_ step: ScheduleStep, key: Tensor, value: Tensor) {
    pass.append(key, value, layer: step.layer)
  }
}

extension LanguageModel {
  /// Runs the layers for one recorded pass.
  ///
  /// - Parameters:
  ///   - input: [T, D], the rows of all parts.
  ///   - memory: The pass; keeps the keys and values.
  ///   - layers: Layers whose residual stream is wanted too.
  /// - Returns: the states of the wanted tails before the final norm.
  public func forward(
    _ input: Tensor, memory: inout RecordedMemory, layers: Set<Int> = []
  ) -> ModelOutput {
    forward(
      input, positions: memory.positions, memory: &memory, schedule: memory.schedule,
      edits: memory.edits, layers: layers)
  }
}
