import TacitFault

/// How rows pass through the stack of layers: plain data that a request carries.
///
/// The plan of ``plain`` costs nothing. Rows of plans with equal schedules are computed in one
/// batch; everything else is done row by row and never splits one.
public struct StackPlan: Sendable, Equatable {
  /// Which layers run, in which order and how often.
  public var schedule: LayerSchedule
  /// Components that are dropped at random.
  public var dropout: Dropout?
  /// Vectors that are written into the stream of states, in this order.
  public var additions: [VectorAddition]
  /// Which rows of the block that is read see each other.
  public var visibility: BlockVisibility

  /// Every layer once, nothing dropped, nothing added, causal.
  public static let plain = StackPlan()

  /// A plan that differs from ``plain`` in what is given.
  public init(
    schedule: LayerSchedule = .plain, dropout: Dropout? = nil, additions: [VectorAddition] = [],
    visibility: BlockVisibility = .causal
  ) {
    self.schedule = schedule
    self.dropout = dropout
    self.additions = additions
    self.visibility = visibility
  }

  /// Whether rows keep to the model as it is, so that their columns are those of the tokens alone.
  var isPlain: Bool { schedule.isPlain && !editsRows && visibility == .causal }

  /// Whether the plan changes single rows of a pass.
  var editsRows: Bool { dropout != nil || !additions.isEmpty }

  /// Refuses what the model or the rows do not have.
  /// - Throws: ``Fault/plan(_:expected:found:)`` that names the part at fault.
  func validate(
    _ configuration: ModelConfiguration, rowCount: Int, columns: Int
  ) throws(Fault) {
    guard !isPlain else { return }
    try schedule.validate(layerCount: configuration.layerCount, columns: columns)
    try dropout?.validate(rowCount: rowCount)
    for addition in additions { try addition.validate(configuration, rowCount: rowCount) }
    try visibility.validate(rowCount: rowCount, columns: columns + rowCount)
  }
}

/// Rows of one read that a part of a plan is about.
public enum PlannedRows: Sendable, Equatable {
  /// All of them.
  case all
  /// The last one.
  case last
  /// Some that follow one another, counted from the first row of the read.
  case range(Range<Int>)

  /// The rows meant, of a read of `count` rows.
  func range(of count: Int) -> Range<Int> {
    switch self {
    case .all: 0..<count
    case .last: max(0, count - 1)..<count
    case .range(let range): range
    }
  }

  func validate(rowCount: Int, _ part: String) throws(Fault) {
    guard case .range(let range) = self else { return }
    guard range.lowerBound >= 0, range.upperBound <= rowCount else {
      throw .plan(part, expected: "rows of 0 to \(rowCount)", found: "\(range)")
    }
  }
}
