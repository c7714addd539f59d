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

  /// The plot as an element; below 500 pixels names and numbers go above the intervals.
  func draw(width: Double) -> String {
    let layout = Layout(plot: self, width: width)
    var svg = SVG(
      width: width, height: layout.bottom + 52, title: "Differences of accuracy from \(baseline)",
      description: rows.map { "\($0.label): \($0.numbers)" }.joined(separator: "; ") + ".",
      className: layout.isNarrow ? "narrow" : "wide")
    drawAxis(layout, on: &svg)
    for (index, row) in rows.enumerated() {
      svg.group(tooltip: "\(row.label) against \(baseline): \(row.numbers)") { svg in
        draw(row, at: layout.y(index), layout, on: &svg)
      }
    }
    return svg.text
  }

  /// Where things are in a drawing of some width.
  private struct Layout {
    let isNarrow: Bool
    let width: Double
    let axis: Axis
    let left: Double
    let right: Double
    let rowHeight: Double
    /// Lower end of the rows.
    let bottom: Double

    init(plot: ForestPlot, width: Double) {
      isNarrow = width < 500
      self.width = width
      axis = plot.axis(tickCount: isNarrow ? 4 : 6)
      let labels = plot.rows.map { estimatedWidth(shortened($0.label), size: 13) }
      left = isNarrow ? 14 : min(230, labels.max() ?? 0) + 20
      right = isNarrow ? width - 14 : width - 262
      rowHeight = isNarrow ? 58 : 34
      bottom = 30 + rowHeight * Double(plot.rows.count)
    }

    func x(_ difference: Double) -> Double {
      left + (right - left) * axis.position(of: 100 * difference)
    }

    /// Where the interval of a row is.
    func y(_ row: Int) -> Double { 30 + rowHeight * (Double(row) + (isNarrow ? 0.75 : 0.5)) }

    /// Where lines of the axis are drawn: all the way, or below the words of each row.
    func bands(_ rowCount: Int) -> [ClosedRange<Double>] {
      isNarrow ? (0..<rowCount).map { y($0) - 10...y($0) + 12 } : [22...bottom]
    }
  }

  private func drawAxis(_ layout: Layout, on svg: inout SVG) {
    for tick in layout.axis.ticks {
      let x = layout.x(tick / 100)
      for band in layout.bands(rows.count) {
        svg.line((x, band.lowerBound), (x, band.upperBound), tick == 0 ? "zero" : "grid")
      }
      svg.text(
        (tick > 0 ? "+" : "") + tickText(tick), at: (x, layout.bottom + 18), anchor: .middle,
        "tick")
    }
    let name = shortened(baseline)
    let half = estimatedWidth(name, size: 12) / 2
    let x = min(max(layout.x(0), half + 4), layout.width - half - 4)
    svg.text(name, at: (x, 14), anchor: .middle, "axis-title")
    svg.text(
      "difference of accuracy, percentage points",
      at: ((layout.left + layout.right) / 2, layout.bottom + 40), anchor: .middle, "axis-title")
  }

  private func draw(_ row: Row, at y: Double, _ layout: Layout, on svg: inout SVG) {
    if layout.isNarrow {
      svg.text(shortened(row.label), at: (0, y - 30), "label")
      svg.text(row.numbers, at: (0, y - 15), "number")
    } else {
      svg.text(shortened(row.label), at: (0, y + 4.5), "label")
      svg.text(row.numbers, at: (layout.width, y + 4.5), anchor: .end, "number")
    }
    if let interval = row.interval {
      svg.line((layout.x(interval.lowerBound), y), (layout.x(interval.upperBound), y), "interval")
    }
    let center = (x: layout.x(row.difference), y: y)
    if row.isSettled {
      svg.diamond(center, radius: 7, "filled")
    } else {
      svg.circle(center, radius: 5, "hollow")
    }
  }
}

/// A label that fits beside a chart.
private func shortened(_ label: String) -> String { excerpt(of: visible(label), limit: 28) }
