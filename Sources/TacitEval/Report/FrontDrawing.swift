/// A front plot in a size that fits a phone or a page.
struct FrontDrawing {
  /// Where a run is drawn.
  struct Mark {
    var center: (x: Double, y: Double)
    /// Upper end of its interval.
    var top: Double
    /// Lower end of its interval.
    var bottom: Double

    /// Whether two intervals would be drawn over each other.
    func collides(with other: Mark) -> Bool {
      abs(center.x - other.center.x) < 10 && top < other.bottom && other.top < bottom
    }
  }

  private typealias Box = LabelPlacement.Box

  /// Runs that had no room for a label.
  private(set) var unlabelledCount = 0
  /// Whether runs of nearly the same cost were set side by side.
  let isSpread: Bool
  private let plot: FrontPlot
  private let isNarrow: Bool
  private let area: LabelPlacement.Box
  private let marks: [Mark]
  private let steps: [(x: Double, y: Double)]
  private var drawing: SVG

  /// The element.
  var svg: String { drawing.text }

  /// Draws.
  /// - Parameters:
  ///   - plot: What is drawn.
  ///   - width: In pixels; below 500 there is less room for ticks.
  init(_ plot: FrontPlot, width: Double) {
    self.plot = plot
    isNarrow = width < 500
    let height = isNarrow ? 340.0 : 420.0
    let area = Box(x: 40, y: 26, width: width - 56, height: height - 76)
    let horizontal = plot.computeAxis(tickCount: isNarrow ? 4 : 7)
    let vertical = plot.accuracyAxis
    func y(_ accuracy: Double) -> Double {
      area.y + area.height * (1 - vertical.position(of: 100 * accuracy))
    }
    let places = plot.points.map { point in
      Mark(
        center: (
          x: area.x + area.width * horizontal.position(of: point.compute / plot.unit.factor),
          y: y(point.accuracy)
        ),
        top: y(point.interval.upperBound), bottom: y(point.interval.lowerBound))
    }
    self.area = area
    marks = Self.spread(places, first: plot.front)
    isSpread = zip(places, marks).contains { $0.center.x != $1.center.x }
    steps = Self.frontLine(plot.front.map { places[$0].center }, end: area.x + area.width)
    drawing = SVG(
      width: width, height: height, title: "Accuracy over \(plot.quantity.name.lowercased())",
      description: plot.description, className: isNarrow ? "narrow" : "wide")
    drawAxes(horizontal, vertical)
    drawing.polyline(steps, "front")
    drawPoints()
  }

  /// Moves marks sideways until no interval hides another; those of the front stay.
  private static func spread(_ places: [Mark], first: [Int]) -> [Mark] {
    var marks = places
    var done: [Mark] = []
    for index in first + places.indices.filter({ !first.contains($0) }) {
      for offset in [0.0, 11, -11, 22, -22, 33, -33] {
        var mark = places[index]
        mark.center.x += offset
        if done.contains(where: mark.collides) { continue }
        marks[index] = mark
        break
      }
      done.append(marks[index])
    }
    return marks
  }

  /// From each run on the front straight on to the next, and on to the edge after the last.
  private static func frontLine(
    _ centers: [(x: Double, y: Double)], end: Double
  ) -> [(x: Double, y: Double)] {
    var line: [(x: Double, y: Double)] = []
    for center in centers {
      if let last = line.last { line.append((x: center.x, y: last.y)) }
      line.append(center)
    }
    if let last = line.last { line.append((x: end, y: last.y)) }
    return line
  }

  private mutating func drawAxes(_ horizontal: Axis, _ vertical: Axis) {
    let bottom = area.y + area.height
    let right = area.x + area.width
    drawing.text("accuracy, %", at: (0, 12), "axis-title")
    for tick in vertical.ticks {
      let y = area.y + area.height * (1 - vertical.position(of: tick))
      drawing.line((area.x, y), (right, y), "grid")
      drawing.text(tickText(tick), at: (area.x - 8, y + 4), anchor: .end, "tick")
    }
    for tick in horizontal.ticks {
      let x = area.x + area.width * horizontal.position(of: tick)
      drawing.line((x, bottom), (x, bottom + 5), "rule")
      drawing.text(tickText(tick), at: (x, bottom + 20), anchor: .middle, "tick")
    }
    drawing.line((area.x, bottom), (right, bottom), "rule")
    let scale = horizontal.scale == .logarithmic ? ", logarithmic" : ""
    drawing.text(
      "\(plot.quantity.unit(plot.unit.prefix)) per question\(scale)", at: (right, bottom + 42),
      anchor: .end, "axis-title")
  }

  private mutating func drawPoints() {
    var labels = LabelPlacement(bounds: area, taken: obstacles)
    for (index, mark) in marks.enumerated() {
      let point = plot.points[index]
      let label = labelText(point)
      let box = labels.place(
        width: estimatedWidth(label, size: 13), height: 16, around: mark.center)
      if box == nil { unlabelledCount += 1 }
      let isOnFront = plot.front.contains(index)
      drawing.group(tooltip: plot.tooltip(point)) { svg in
        Self.draw(mark, className: isOnFront ? "filled" : "hollow", point.isBaseline, on: &svg)
        if let box { Self.draw(label, in: box, for: mark.center, on: &svg) }
      }
    }
  }

  private func labelText(_ point: FrontPlot.Point) -> String {
    let label = excerpt(of: visible(point.label), limit: isNarrow ? 20 : 40)
    return point.isBaseline && !isNarrow ? label + " (baseline)" : label
  }

  /// What labels keep clear of: intervals, marks and the line of the front.
  private var obstacles: [Box] {
    let bars = marks.map { mark in
      Box(x: mark.center.x - 4, y: mark.top, width: 8, height: mark.bottom - mark.top)
    }
    let centers = marks.map { mark in
      Box(x: mark.center.x - 6, y: mark.center.y - 6, width: 12, height: 12)
    }
    let lines = zip(steps, steps.dropFirst()).map { start, end in
      Box(
        x: min(start.x, end.x) - 1, y: min(start.y, end.y) - 1,
        width: abs(end.x - start.x) + 2, height: abs(end.y - start.y) + 2)
    }
    return bars + centers + lines
  }

  private static func draw(
    _ mark: Mark, className: String, _ isBaseline: Bool, on svg: inout SVG
  ) {
    let x = mark.center.x
    svg.line((x, mark.top), (x, mark.bottom), "interval")
    for end in [mark.top, mark.bottom] { svg.line((x - 4, end), (x + 4, end), "interval") }
    if isBaseline {
      svg.diamond(mark.center, radius: 7, className)
    } else {
      svg.circle(mark.center, radius: 5, className)
    }
  }

  private static func draw(
    _ label: String, in box: Box, for center: (x: Double, y: Double), on svg: inout SVG
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
