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
    let known = comparison.runs.indices.filter { comparison.runs[$0].results.isMeasured }
    let unknown = comparison.runs.filter { !$0.results.isMeasured }.map(\.label)
    missing = unknown.isEmpty ? nil : unknown.joined(separator: ", ")
    guard !known.isEmpty else {
      figures = []
      return
    }
    figures = ComputeQuantity.allCases.map { quantity in
      let points = known.map { index in
        let results = comparison.runs[index].results
        return FrontPlot.Point(
          label: comparison.runs[index].label, compute: quantity.mean(results),
          accuracy: results.accuracy.mean, interval: results.accuracy.confidenceInterval,
          isBaseline: index == comparison.baseline)
      }
      return Self.figure(FrontPlot(quantity, points: points))
    }
  }

  private static func figure(_ plot: FrontPlot) -> Figure {
    let wide = FrontDrawing(plot, width: 760)
    let narrow = FrontDrawing(plot, width: 340)
    let compute = plot.computeAxis(tickCount: 7)
    let cut = [
      plot.accuracyAxis.range.lowerBound > 0 ? "accuracy" : nil,
      compute.scale == .linear && compute.range.lowerBound > 0 ? "compute" : nil,
    ].compactMap(\.self)
    let unlabelled = max(wide.unlabelledCount, narrow.unlabelledCount)
    let notes = [
      plot.description,
      cut.isEmpty ? nil : "Not from zero: the axis of \(cut.joined(separator: " and that of ")).",
      wide.isSpread || narrow.isSpread
        ? "Runs of nearly the same cost are set side by side." : nil,
      unlabelled > 0
        ? "Up to \(unlabelled) runs have no room for a label; point at a mark for its name." : nil,
    ]
    return Figure(
      quantity: plot.quantity.rawValue, name: plot.quantity.name,
      isFirst: plot.quantity == ComputeQuantity.allCases.first, wide: wide.svg,
      narrow: narrow.svg, caption: notes.compactMap(\.self).joined(separator: " "))
  }
}
