/// Accuracy over compute, with the runs that no other beats in both joined by a line.
struct FrontPlot {
  /// One run.
  struct Point: Equatable {
    var label: String
    /// Mean per completion, in the base unit.
    var compute: Double
    var accuracy: Double
    var interval: ClosedRange<Double>
    var isBaseline: Bool
  }

  let quantity: ComputeQuantity
  let points: [Point]
  /// Indices of the runs on the front, by rising compute.
  let front: [Int]
  /// The unit of the ticks.
  let unit: ScaledUnit

  /// A plot of the runs that know their costs, at least one.
  init(_ quantity: ComputeQuantity, points: [Point]) {
    precondition(!points.isEmpty, "nothing to plot")
    self.quantity = quantity
    self.points = points
    front = paretoFront(points.map { (cost: $0.compute, accuracy: $0.accuracy) })
    unit = ScaledUnit(
      largest: points.map(\.compute).max() ?? 0, allowsFractions: quantity == .seconds)
  }

  /// Accuracy in per cent; it need not begin at zero.
  var accuracyAxis: Axis {
    let low = points.map(\.interval.lowerBound).min() ?? 0
    let high = points.map(\.interval.upperBound).max() ?? 1
    return Axis(linear: 100 * low...100 * high, tickCount: 6, limits: 0...100)
  }

  /// Compute in units of `unit`.
  func computeAxis(tickCount: Int) -> Axis {
    let values = points.map { $0.compute / unit.factor }
    return Axis(spanning: (values.min() ?? 0)...(values.max() ?? 1), tickCount: tickCount)
  }

  /// The runs on the front, in words.
  var description: String {
    let names = front.map { index in
      "\(points[index].label) (\(unit.text(points[index].compute)) \(quantity.unit(unit.prefix)),"
        + " \(percent(points[index].accuracy)))"
    }
    return "No run is both cheaper and more accurate than one of these: "
      + names.joined(separator: ", ") + "."
  }

  /// A run in words.
  func tooltip(_ point: Point) -> String {
    "\(point.label): \(percent(point.accuracy)) (\(percentRange(point.interval))), "
      + "\(unit.text(point.compute)) " + quantity.unit(unit.prefix)
  }
}

/// A tick's number without needless zeros: "0.5", "20".
func tickText(_ value: Double) -> String {
  let text = "\(rounded(value, digits: 6))"
  let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  return short.hasPrefix("-") ? "−" + short.dropFirst() : short
}
