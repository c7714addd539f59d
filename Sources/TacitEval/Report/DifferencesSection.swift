/// Differences from the baseline: of accuracy as a plot, of cost as a table.
struct DifferencesSection: Sendable {
  /// A run against the baseline.
  struct Row: Sendable {
    let label: String
    let cells: [Cell]
  }

  /// A multiple of the baseline's cost.
  struct Cell: Sendable {
    let ratio: String
    let detail: String
  }

  let baseline: String
  let wide: String
  let narrow: String
  let titles: [String]
  let rows: [Row]
  let hasCosts: Bool

  /// - Returns: nil when there is nothing to compare.
  init?(_ comparison: Comparison) {
    guard !comparison.pairs.isEmpty else { return nil }
    baseline = comparison.runs[comparison.baseline].label
    let plot = ForestPlot(
      baseline: baseline,
      rows: comparison.pairs.map { pair in
        ForestPlot.Row(
          label: comparison.runs[pair.run].label, difference: pair.difference,
          interval: pair.interval, adjustedPValue: pair.adjustedPValue, isSettled: pair.isSettled)
      })
    wide = plot.draw(width: 760)
    narrow = plot.draw(width: 340)
    titles = Comparison.Cost.Quantity.allCases.map(\.title) + ["time"]
    rows = comparison.pairs.map { pair in
      let costs = Comparison.Cost.Quantity.allCases.map { quantity in
        Self.cell(pair.costs.first { $0.quantity == quantity })
      }
      return Row(
        label: comparison.runs[pair.run].label, cells: costs + [Self.cell(pair.latency)])
    }
    hasCosts = comparison.pairs.contains { !$0.costs.isEmpty || $0.latency != nil }
  }

  private static func cell(_ cost: Comparison.Cost?) -> Cell {
    guard let cost, let ratio = cost.ratio else { return Cell(ratio: "—", detail: "") }
    return Cell(
      ratio: TacitEval.ratio(ratio), detail: detail(cost.interval, probability(cost.pValue)))
  }

  private static func cell(_ latency: Comparison.Latency?) -> Cell {
    guard let latency else { return Cell(ratio: "—", detail: "") }
    let note = latency.outlierCount > 0 ? "\(latency.outlierCount) outliers" : ""
    return Cell(ratio: TacitEval.ratio(latency.ratio), detail: detail(latency.interval, note))
  }

  private static func detail(_ interval: ClosedRange<Double>?, _ note: String) -> String {
    let bounds = interval.map {
      "\(fixed($0.lowerBound, places: 2))–\(fixed($0.upperBound, places: 2))"
    }
    return [bounds ?? "", note].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

extension Comparison.Cost.Quantity {
  fileprivate var title: String {
    switch self {
    case .tokens: "tokens"
    case .positions: "positions"
    case .floatingPointOperations: "FLOPs"
    }
  }
}
