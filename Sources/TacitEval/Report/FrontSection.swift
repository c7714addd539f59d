/// Accuracy over compute, once per way to measure compute.
struct FrontSection: Sendable {
  /// One way to measure.
  struct Figure: Sendable {
    let quantity: String
    let name: String
    let isFirst: Bool
    let wide: String
    let narrow: String
    let caption: String
  }

  let figures: [Figure]
  /// Runs whose costs are not known.
  let missing: String?

  init(_ comparison: Comparison) {
    let known = comparison.entries.indices.filter { comparison.entries[$0].hasCosts }
    let unknown = comparison.entries.filter { !$0.hasCosts }.map(\.label)
    missing = unknown.isEmpty ? nil : unknown.joined(separator: ", ")
    guard !known.isEmpty else {
      figures = []
      return
    }
    figures = ComputeQuantity.allCases.map { quantity in
      let points = known.map { index in
        let results = comparison.entries[index].results
        return FrontPlot.Point(
          label: comparison.entries[index].label, compute: quantity.mean(results),
          accuracy: results.accuracy.mean, interval: results.accuracy.confidenceInterval,
          isBaseline: index == comparison.baseline)
      }
      return Self.figure(FrontPlot(quantity, points: points))
    }
  }

  private static func figure(_ plot: FrontPlot) -> Figure {
    let wide = plot.draw(width: 760)
    let narrow = plot.draw(width: 340)
    var caption = plot.description
    let start = plot.accuracyAxis.range.lowerBound
    if start > 0 { caption += " The accuracy axis starts at \(tickText(start)) %." }
    let low = plot.computeAxis(tickCount: 7)
    if low.scale == .linear, low.range.lowerBound > 0 {
      caption += " The compute axis starts at \(tickText(low.range.lowerBound))."
    }
    let unlabelled = max(wide.unlabelledCount, narrow.unlabelledCount)
    if unlabelled > 0 {
      caption +=
        " Without a label for lack of room: \(unlabelled) at most; point at a mark for its name."
    }
    return Figure(
      quantity: plot.quantity.rawValue, name: plot.quantity.name,
      isFirst: plot.quantity == ComputeQuantity.allCases.first, wide: wide.svg,
      narrow: narrow.svg, caption: caption)
  }
}
