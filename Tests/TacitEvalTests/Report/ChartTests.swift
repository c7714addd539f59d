import Testing

@testable import TacitEval

@Suite struct AxisTests {
  /// Ranges over many orders of magnitude, with round and crooked bounds.
  private static let ranges: [ClosedRange<Double>] = {
    let lows = [0, 1e-7, 0.003, 0.1, 0.7, 1, 3, 9.99, 43, 100, 117.8, 5e4, 3.2e9]
    return lows.flatMap { low in
      [1e-6, 0.01, 0.3, 1, 5, 7.9, 8.1, 90, 1e5].map { low...(low + $0 * max(low, 1e-3)) }
    }
  }()

  @Test(arguments: ranges, [3, 5, 7])
  func linearTicks(values: ClosedRange<Double>, tickCount: Int) {
    let axis = Axis(linear: values, tickCount: tickCount)
    #expect(axis.range.lowerBound <= values.lowerBound * (1 + 1e-6))
    #expect(axis.range.upperBound >= values.upperBound * (1 - 1e-6))
    #expect((2...tickCount + 2).contains(axis.ticks.count), "\(axis)")
    #expect(axis.ticks.first == axis.range.lowerBound && axis.ticks.last == axis.range.upperBound)
    let steps = zip(axis.ticks, axis.ticks.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 1e-6 * steps[0] && $0 > 0 })
    let mantissa = rounded(steps[0], digits: 1).description.first { "125".contains($0) }
    #expect(mantissa != nil)
  }

  @Test(
    arguments: ranges.filter { $0.lowerBound > 0 && $0.upperBound / $0.lowerBound >= 8 }, [4, 7])
  func logarithmicTicks(values: ClosedRange<Double>, tickCount: Int) {
    let axis = Axis(spanning: values, tickCount: tickCount)
    #expect(axis.scale == .logarithmic)
    #expect(axis.range.contains(values.lowerBound) && axis.range.contains(values.upperBound))
    #expect(axis.ticks == axis.ticks.sorted() && axis.ticks.allSatisfy(axis.range.contains))
    #expect((1...tickCount + 1).contains(axis.ticks.count), "\(axis)")
    // Equal ratios are equally far apart.
    let middle = (values.lowerBound * values.upperBound).squareRoot()
    let ends = axis.position(of: values.lowerBound) + axis.position(of: values.upperBound)
    #expect(abs(2 * axis.position(of: middle) - ends) < 1e-9)
  }

  @Test func limitsAreKept() {
    let axis = Axis(linear: 97.5...100, tickCount: 6, limits: 0...100)
    #expect(axis.range == 97.5...100 && axis.ticks == [97.5, 98, 98.5, 99, 99.5, 100])
    #expect(Axis(linear: 0...0, tickCount: 5, limits: 0...100).range == 0...1)
    #expect(Axis(linear: 100...100, tickCount: 5, limits: 0...100).range.upperBound == 100)
    #expect(Axis(spanning: 0...0, tickCount: 5).scale == .linear)
  }

  @Test(arguments: [(0.5, "0.5"), (20.0, "20"), (-10, "−10"), (0.30000000000000004, "0.3")])
  func tickTexts(value: Double, text: String) { #expect(tickText(value) == text) }
}

@Suite struct ScaledUnitTests {
  @Test(arguments: [
    (56_860_000.0, false, "M", "56.9"), (12_345, false, "k", "12.3"), (2000, false, "", "2000"),
    (4, false, "", "4.0"),
    (0.000956, true, "µ", "956"), (0.0439, true, "m", "43.9"), (0, true, "", "0.00"),
    (123, false, "", "123"),
  ])
  func largestDecides(largest: Double, isFine: Bool, prefix: String, text: String) {
    let unit = ScaledUnit(largest: largest, allowsFractions: isFine)
    #expect(unit.prefix == prefix && unit.text(largest) == text)
  }
}

@Suite struct PlotTests {
  @Test func frontHoldsWhatNothingBeats() {
    let points = [(2.0, 0.5), (1, 0.5), (3, 0.9), (3, 0.9), (4, 0.8), (5, 0.95)]
    #expect(paretoFront(points.map { (cost: $0.0, accuracy: $0.1) }) == [1, 2, 3, 5])
  }

  @Test func labelsNeverOverlap() {
    let bounds = LabelPlacement.Box(x: 0, y: 0, width: 300, height: 200)
    var labels = LabelPlacement(bounds: bounds, taken: [])
    var placed: [LabelPlacement.Box] = []
    for index in 0..<60 {
      let number = Double(index)
      let point = (
        x: (185.4 * number).remainder(dividingBy: 300) + 150,
        y: (150.9 * number).remainder(dividingBy: 200) + 100
      )
      if let box = labels.place(width: 70, height: 16, around: point) {
        #expect(bounds.contains(box) && !placed.contains(where: box.overlaps))
        placed.append(box)
      }
    }
    #expect((20..<60).contains(placed.count))
  }

  private static func point(_ label: String, _ compute: Double, _ accuracy: Double)
    -> FrontPlot.Point
  {
    FrontPlot.Point(
      label: label, compute: compute, accuracy: accuracy,
      interval: accuracy - 0.05...accuracy + 0.05, isBaseline: label == "base")
  }

  @Test func frontIsDrawnWithNamesAndFacts() {
    let plot = FrontPlot(
      .positions,
      points: [
        Self.point("base", 100, 0.5), Self.point("<twin>", 100, 0.52), Self.point("far", 2000, 0.7),
      ])
    #expect(plot.computeAxis(tickCount: 7).scale == .logarithmic)
    #expect(plot.front == [1, 2])
    let drawing = FrontDrawing(plot, width: 760)
    #expect(drawing.isSpread && drawing.unlabelledCount == 0)
    #expect(drawing.svg.contains(">base (baseline)</text>"))
    #expect(drawing.svg.contains("<title>&lt;twin&gt;: 52.0 % (47.0–57.0), 100 positions</title>"))
    #expect(drawing.svg.contains("positions per question, logarithmic</text>"))
    #expect(drawing.svg.components(separatedBy: "class=\"filled\"").count == 3)
    #expect(!drawing.svg.contains("<twin>"))
  }

  @Test func forestTellsSettledByShape() {
    func row(_ label: String, _ difference: Double, _ isSettled: Bool) -> ForestPlot.Row {
      ForestPlot.Row(
        label: label, difference: difference, interval: difference - 0.1...difference + 0.1,
        adjustedPValue: isSettled ? 0.0001 : 0.5, isSettled: isSettled)
    }
    let plot = ForestPlot(baseline: "base", rows: [row("a", 0.3, true), row("b", -0.02, false)])
    #expect(plot.axis(tickCount: 6).ticks.contains(0))
    for width in [760.0, 340] {
      let text = plot.draw(width: width)
      #expect(text.components(separatedBy: "<polygon class=\"filled\"").count == 2)
      #expect(text.components(separatedBy: "<circle class=\"hollow\"").count == 2)
      #expect(text.contains("+30.0 (+20.0 to +40.0), p &lt; 0.001</text>"))
      #expect(text.contains("class=\"zero\""))
    }
  }
}
