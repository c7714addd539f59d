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

  /// The drawing, in a size that fits a phone or a page.
  struct Drawing {
    var svg: String
    /// Runs that had no room for a label.
    var unlabelledCount: Int
  }

  let quantity: ComputeQuantity
  let points: [Point]
  /// Indices of the runs on the front, by rising compute.
  let front: [Int]
  /// The unit of the ticks.
  let unit: ScaledUnit

  /// A plot of the runs that know their costs.
  /// - Parameter points: At least one.
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

  /// Draws.
  /// - Parameter width: In pixels; below 500 there is less room for ticks.
  func draw(width: Double) -> Drawing {
    let isNarrow = width < 500
    let height = isNarrow ? 340.0 : 420.0
    let area = LabelPlacement.Box(x: 46, y: 26, width: width - 62, height: height - 76)
    let horizontal = computeAxis(tickCount: isNarrow ? 4 : 7)
    let vertical = accuracyAxis
    func place(_ compute: Double, _ accuracy: Double) -> (x: Double, y: Double) {
      (
        x: area.x + area.width * horizontal.position(of: compute / unit.factor),
        y: area.y + area.height * (1 - vertical.position(of: 100 * accuracy))
      )
    }
    var svg = SVG(
      width: width, height: height, title: "Accuracy over \(quantity.name.lowercased())",
      description: description, className: isNarrow ? "narrow" : "wide")
    drawAxes(horizontal, vertical, area: area, on: &svg)
    let steps = frontLine(place, end: area.x + area.width)
    svg.polyline(steps, "front")

    var labels = LabelPlacement(bounds: area, taken: obstacles(place, steps))
    var unlabelledCount = 0
    for index in points.indices {
      let point = points[index]
      let center = place(point.compute, point.accuracy)
      let label = labelText(point, isNarrow: isNarrow)
      let box = labels.place(
        width: estimatedWidth(label, size: 13), height: 16, around: center)
      if box == nil { unlabelledCount += 1 }
      svg.group(tooltip: tooltip(point)) { svg in
        drawPoint(index, place, on: &svg)
        guard let box else { return }
        drawLabel(label, in: box, for: center, on: &svg)
      }
    }
    return Drawing(svg: svg.text, unlabelledCount: unlabelledCount)
  }

  private func labelText(_ point: Point, isNarrow: Bool) -> String {
    let label = excerpt(of: visible(point.label), limit: isNarrow ? 20 : 40)
    return point.isBaseline && !isNarrow ? label + " (baseline)" : label
  }

  private func tooltip(_ point: Point) -> String {
    "\(point.label): \(percent(point.accuracy)) (\(percentRange(point.interval))), "
      + "\(unit.text(point.compute)) "
      + quantity.unit(unit.prefix)
  }

  private typealias Place = (Double, Double) -> (x: Double, y: Double)

  private func drawAxes(
    _ horizontal: Axis, _ vertical: Axis, area: LabelPlacement.Box, on svg: inout SVG
  ) {
    let bottom = area.y + area.height
    svg.text("accuracy, %", at: (8, 14), "axis-title")
    for tick in vertical.ticks {
      let y = area.y + area.height * (1 - vertical.position(of: tick))
      svg.line((area.x, y), (area.x + area.width, y), "grid")
      svg.text(tickText(tick), at: (area.x - 8, y + 4), anchor: .end, "tick")
    }
    for tick in horizontal.ticks {
      let x = area.x + area.width * horizontal.position(of: tick)
      svg.line((x, bottom), (x, bottom + 5), "rule")
      svg.text(tickText(tick), at: (x, bottom + 20), anchor: .middle, "tick")
    }
    svg.line((area.x, bottom), (area.x + area.width, bottom), "rule")
    let scale = horizontal.scale == .logarithmic ? " (logarithmic)" : ""
    svg.text(
      "\(quantity.unit(unit.prefix)) per question\(scale)",
      at: (area.x + area.width, bottom + 42), anchor: .end, "axis-title")
  }

  /// From each run on the front straight on to the next, and on to the edge after the last.
  private func frontLine(_ place: Place, end: Double) -> [(x: Double, y: Double)] {
    var line: [(x: Double, y: Double)] = []
    for index in front {
      let point = place(points[index].compute, points[index].accuracy)
      if let last = line.last { line.append((x: point.x, y: last.y)) }
      line.append(point)
    }
    if let last = line.last { line.append((x: end, y: last.y)) }
    return line
  }

  private func obstacles(
    _ place: Place, _ steps: [(x: Double, y: Double)]
  ) -> [LabelPlacement.Box] {
    typealias Box = LabelPlacement.Box
    let bars = points.map { point in
      let top = place(point.compute, point.interval.upperBound)
      let bottom = place(point.compute, point.interval.lowerBound)
      return Box(x: top.x - 2, y: top.y, width: 4, height: bottom.y - top.y)
    }
    let marks = points.map { point in
      let center = place(point.compute, point.accuracy)
      return Box(x: center.x - 6, y: center.y - 6, width: 12, height: 12)
    }
    let lines = zip(steps, steps.dropFirst()).map { start, end in
      Box(
        x: min(start.x, end.x) - 1, y: min(start.y, end.y) - 1,
        width: abs(end.x - start.x) + 2, height: abs(end.y - start.y) + 2)
    }
    return bars + marks + lines
  }

  private func drawPoint(_ index: Int, _ place: Place, on svg: inout SVG) {
    let point = points[index]
    let center = place(point.compute, point.accuracy)
    let top = place(point.compute, point.interval.upperBound)
    let bottom = place(point.compute, point.interval.lowerBound)
    svg.line(top, bottom, "interval")
    svg.line((top.x - 4, top.y), (top.x + 4, top.y), "interval")
    svg.line((bottom.x - 4, bottom.y), (bottom.x + 4, bottom.y), "interval")
    let className = front.contains(index) ? "mark filled" : "mark hollow"
    if point.isBaseline {
      svg.diamond(center, radius: 7, className)
    } else {
      svg.circle(center, radius: 5, className)
    }
  }

  private func drawLabel(
    _ label: String, in box: LabelPlacement.Box, for center: (x: Double, y: Double),
    on svg: inout SVG
  ) {
    let isRight = box.x >= center.x
    let isLeft = box.x + box.width <= center.x
    let anchor: SVG.Anchor = isRight ? .start : isLeft ? .end : .middle
    let x = isRight ? box.x : isLeft ? box.x + box.width : box.x + box.width / 2
    let middle = box.y + box.height / 2
    if abs(x - center.x) > 14 || abs(middle - center.y) > 26 {
      svg.line(center, (isRight ? x - 2 : isLeft ? x + 2 : x, middle), "leader")
    }
    svg.text(label, at: (x, middle + 4.5), anchor: anchor, "label")
  }
}

/// A tick's number without needless zeros: "0.5", "20".
func tickText(_ value: Double) -> String {
  let text = "\(rounded(value, digits: 6))"
  let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  return short.hasPrefix("-") ? "−" + short.dropFirst() : short
}
