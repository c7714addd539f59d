import TacitJSON
import TacitReasoning

/// The table of results: accuracy and costs of every run.
struct ResultsSection: Sendable {
  /// A heading over neighbouring columns.
  struct Group: Sendable {
    let title: String
    let span: Int
  }

  /// A column.
  struct Column: Sendable {
    let title: String
    let explanation: String
  }

  /// What a row shows in a column.
  struct Cell: Sendable {
    let text: String
    /// The number that the column sorts by; empty where there is none.
    let sortKey: String

    init(_ text: String, sortedBy number: Double?) {
      self.text = text
      sortKey = number.map { "\($0)" } ?? ""
    }

    static let unknown = Cell("—", sortedBy: nil)
  }

  /// A run.
  struct Row: Sendable {
    let label: String
    let isBaseline: Bool
    let fidelity: String
    let cells: [Cell]
  }

  let groups: [Group]
  let columns: [Column]
  let rows: [Row]
  let repeats: RepeatsTable?
  let hops: HopsTable?

  init(_ comparison: Comparison, fidelities: [String]) {
    let costs = CostColumn.all(of: comparison.runs)
    let isCompared = !comparison.pairs.isEmpty
    let base = comparison.runs[comparison.baseline].label
    groups =
      [Group(title: "Correct, %", span: 3)]
      + (isCompared ? [Group(title: "Against \(base), points", span: 3)] : [])
      + [Group(title: "Cost of a question, mean", span: costs.count)]
    columns =
      [
        Column(title: "accuracy", explanation: "Share of right answers"),
        Column(title: "interval", explanation: "95 % interval by Wilson"),
        Column(title: "no answer", explanation: "Share of completions without a readable answer"),
      ]
      + (isCompared
        ? [
          Column(title: "difference", explanation: "Accuracy minus that of the baseline"),
          Column(title: "interval", explanation: "95 % interval by the paired bootstrap"),
          Column(title: "p", explanation: "p-value of equal accuracy, adjusted by Holm"),
        ] : [])
      + costs.map { Column(title: $0.title, explanation: $0.explanation) }
    rows = comparison.runs.indices.map { index in
      let run = comparison.runs[index]
      let cells =
        Self.accuracyCells(run.results)
        + (isCompared ? Self.differenceCells(comparison.pairs.first { $0.run == index }) : [])
        + costs.map { $0.cell(run) }
      return Row(
        label: run.label, isBaseline: isCompared && index == comparison.baseline,
        fidelity: fidelities[index], cells: cells)
    }
    repeats = RepeatsTable(comparison)
    hops = HopsTable(comparison)
  }

  private static func accuracyCells(_ results: EvaluationResults) -> [Cell] {
    let accuracy = results.accuracy
    let interval = accuracy.confidenceInterval
    let silent = results.completionCount - results.extractedCount
    let share = Double(silent) / Double(results.completionCount)
    return [
      Cell(fixed(100 * accuracy.mean, places: 1), sortedBy: accuracy.mean),
      Cell(percentRange(interval), sortedBy: interval.lowerBound),
      Cell(fixed(100 * share, places: 1), sortedBy: share),
    ]
  }

  private static func differenceCells(_ pair: Comparison.Pair?) -> [Cell] {
    guard let pair else { return [.unknown, .unknown, .unknown] }
    return [
      Cell(points(pair.difference), sortedBy: pair.difference),
      Cell(pointsSpan(pair.interval), sortedBy: pair.interval?.lowerBound),
      Cell(pValueText(pair.adjustedPValue), sortedBy: pair.adjustedPValue),
    ]
  }
}

/// A cost per completion, in a unit that suits all runs.
private struct CostColumn {
  let title: String
  let explanation: String
  private let unit: ScaledUnit
  private let value: @Sendable (EvaluationResults) -> Double?

  static func all(of runs: [Comparison.RunResults]) -> [CostColumn] {
    func mean(_ total: @escaping @Sendable (EvaluationResults) -> Double)
      -> @Sendable (EvaluationResults) -> Double?
    {
      { $0.mean(total($0)) }
    }
    func column(
      _ title: (String) -> String, _ explanation: String, allowsFractions: Bool = false,
      _ value: @escaping @Sendable (EvaluationResults) -> Double?
    ) -> CostColumn {
      let largest = runs.filter(\.results.isMeasured).compactMap { value($0.results) }.max() ?? 0
      let unit = ScaledUnit(largest: largest, allowsFractions: allowsFractions)
      return CostColumn(
        title: title(unit.prefix), explanation: explanation, unit: unit, value: value)
    }
    func counted(_ name: String) -> (String) -> String {
      { $0.isEmpty ? name : "\(name), \($0)" }
    }
    return [
      column(counted("tokens"), "Tokens emitted", mean { Double($0.counts.tokens) }),
      column(
        counted("latent steps"), "Vectors read in place of tokens",
        mean { Double($0.counts.latentSteps) }),
      column(
        { _ in "latent, %" }, "Share of latent steps in latent steps and tokens",
        { results in
          let steps = results.counts.latentSteps + results.counts.tokens
          return steps == 0 ? nil : 100 * Double(results.counts.latentSteps) / Double(steps)
        }),
      column(
        counted("positions"), "Rows that the model read, prompt included",
        mean { Double($0.counts.positions) }),
      column(counted("passes"), "Forward passes", mean { Double($0.counts.forwardPasses) }),
      column(
        { $0 + "FLOP" }, "Floating-point operations", mean { $0.counts.floatingPointOperations }),
      column(
        { $0 + "s" }, "Wall-clock time, batch mates included", allowsFractions: true,
        mean { $0.prefillSeconds + $0.decodeSeconds }),
      column(
        { "peak " + $0 + "B" }, "Largest key/value memory of one completion",
        { Double($0.counts.peakMemoryBytes) }),
    ]
  }

  func cell(_ run: Comparison.RunResults) -> ResultsSection.Cell {
    guard run.results.isMeasured, let value = value(run.results) else { return .unknown }
    return .init(unit.text(value), sortedBy: value)
  }
}

/// What repeats show; only where samples were repeated.
struct RepeatsTable: Sendable {
  /// A run.
  struct Row: Sendable {
    let label: String
    let cells: [String]
  }

  let titles: [String]
  let rows: [Row]

  init?(_ comparison: Comparison) {
    guard comparison.repeatCount > 1 else { return nil }
    titles = (1...comparison.repeatCount).map { "pass@\($0)" } + ["majority"]
    rows = comparison.runs.map { run in
      let shares = run.repeats.map { $0.passAtK + [$0.majorityAccuracy] }
      return Row(
        label: run.label,
        cells: shares?.map { fixed(100 * $0, places: 1) }
          ?? Array(repeating: "—", count: comparison.repeatCount + 1))
    }
  }
}

/// Accuracy by the number of reasoning steps; only where the dataset has them.
struct HopsTable: Sendable {
  let titles: [String]
  let rows: [RepeatsTable.Row]

  init?(_ comparison: Comparison) {
    let groups = comparison.runs[comparison.baseline].results.byHops
    guard groups.count > 1 else { return nil }
    titles = groups.map { "\($0.hops) (\($0.completionCount))" }
    rows = comparison.runs.map { run in
      let found = groups.map { group in run.results.byHops.first { $0.hops == group.hops } }
      return RepeatsTable.Row(
        label: run.label,
        cells: found.map { $0.map { fixed(100 * $0.accuracy.mean, places: 1) } ?? "—" })
    }
  }
}
