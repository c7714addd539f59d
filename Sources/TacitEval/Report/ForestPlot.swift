/// Differences from the baseline, each with its interval, on one axis.
struct ForestPlot {
  /// One run against the baseline.
  struct Row: Equatable {
    var label: String
    var difference: Double
    var interval: ClosedRange<Double>?
    var adjustedPValue: Double
    var isSettled: Bool

    /// "+38.0 (+32.0 to +44.0), p < 0.001".
    var numbers: String {
      let bounds = interval.map { _ in " (\(pointsSpan(interval)))" } ?? ""
      return "\(points(difference))\(bounds), \(probability(adjustedPValue))"
    }
  }

  let baseline: String
  let rows: [Row]

  /// Percentage points; zero is always on it.
  func axis(tickCount: Int) -> Axis {
    let bounds = rows.flatMap { [$0.interval?.lowerBound, $0.interval?.upperBound, $0.difference] }
      .compactMap(\.self)
    let low = min(0, bounds.min() ?? 0)
    let high = max(0, bounds.max() ?? 0)
    return Axis(linear: 100 * low...100 * high, tickCount: tickCount, limits: -100...100)
  }

  /// Draws.
  /// - Parameter width: In pixels; below 500 names and numbers go above the intervals.
  func draw(width: Double) -> String {
    let isNarrow = width < 500
    let rowHeight = isNarrow ? 58.0 : 34.0
    let height = 30 + rowHeight * Double(rows.count) + 52
    let labelWidth =
      isNarrow ? 0 : min(230, rows.map { estimatedWidth(shortLabel($0), size: 13) }.max() ?? 0)
    let left = isNarrow ? 14.0 : labelWidth + 20
    let right = isNarrow ? width - 14 : width - 262
    let axis = axis(tickCount: isNarrow ? 4 : 6)
    func place(_ difference: Double) -> Double {
      left + (right - left) * axis.position(of: 100 * difference)
    }
    var svg = SVG(
      width: width, height: height, title: "Differences of accuracy from \(baseline)",
      description: rows.map { "\($0.label): \($0.numbers)" }.joined(separator: "; ") + ".",
      className: isNarrow ? "narrow" : "wide")
    let bottom = 30 + rowHeight * Double(rows.count)
    drawAxis(axis, place, bottom: bottom, width: width, on: &svg)
    for (index, row) in rows.enumerated() {
      let top = 30 + rowHeight * Double(index)
      let y = isNarrow ? top + 42 : top + rowHeight / 2
      svg.group(tooltip: "\(row.label) against \(baseline): \(row.numbers)") { svg in
        if isNarrow {
          svg.text(shortLabel(row), at: (left, top + 12), "label")
          svg.text(row.numbers, at: (left, top + 27), "number")
        } else {
          svg.text(shortLabel(row), at: (0, y + 4.5), "label")
          svg.text(row.numbers, at: (width, y + 4.5), anchor: .end, "number")
        }
        if let interval = row.interval {
          svg.line((place(interval.lowerBound), y), (place(interval.upperBound), y), "interval")
        }
        let center = (x: place(row.difference), y: y)
        if row.isSettled {
          svg.diamond(center, radius: 7, "filled")
        } else {
          svg.circle(center, radius: 5, "hollow")
        }
      }
    }
    return svg.text
  }

  private func shortLabel(_ row: Row) -> String { excerpt(of: visible(row.label), limit: 28) }

  private func drawAxis(
    _ axis: Axis, _ place: (Double) -> Double, bottom: Double, width: Double, on svg: inout SVG
  ) {
    for tick in axis.ticks {
      let x = place(tick / 100)
      svg.line((x, 22), (x, bottom), tick == 0 ? "zero" : "grid")
      svg.text(
        (tick > 0 ? "+" : "") + tickText(tick), at: (x, bottom + 18),
        anchor: .middle, "tick")
    }
    let zero = place(0)
    let name = excerpt(of: visible(baseline), limit: 28)
    let half = estimatedWidth(name, size: 12) / 2
    svg.text(
      name, at: (min(max(zero, half + 4), width - half - 4), 14), anchor: .middle, "axis-title")
    svg.text(
      "difference of accuracy, percentage points",
      at: (
        (place(axis.range.lowerBound / 100) + place(axis.range.upperBound / 100)) / 2, bottom + 40
      ),
      anchor: .middle, "axis-title")
  }
}
