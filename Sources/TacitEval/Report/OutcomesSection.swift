/// Who is right, for every pair.
struct OutcomesSection: Sendable {
  /// A run against the baseline.
  struct Table: Sendable {
    let run: String
    let baseline: String
    let both: Cell
    let onlyRun: Cell
    let onlyBaseline: Cell
    let neither: Cell
  }

  /// The completions of one outcome.
  struct Cell: Sendable {
    /// The value of the filter that shows them.
    let filter: String
    let count: Int
    let share: String
  }

  let tables: [Table]

  /// - Returns: nil when there is nothing to compare.
  init?(_ comparison: Comparison) {
    guard !comparison.pairs.isEmpty else { return nil }
    tables = comparison.pairs.map { pair in
      let outcomes = pair.outcomes
      let total = outcomes.both + outcomes.onlyRun + outcomes.onlyBaseline + outcomes.neither
      func cell(_ outcome: String, _ count: Int) -> Cell {
        Cell(
          filter: "\(outcome) \(pair.run)", count: count,
          share: percent(Double(count) / Double(max(1, total))))
      }
      return Table(
        run: comparison.runs[pair.run].label,
        baseline: comparison.runs[comparison.baseline].label,
        both: cell("both", outcomes.both), onlyRun: cell("run", outcomes.onlyRun),
        onlyBaseline: cell("baseline", outcomes.onlyBaseline),
        neither: cell("neither", outcomes.neither))
    }
  }
}
