import Foundation
import TacitJSON

/// A page with the curves of a run: loss and accuracies over steps.
///
/// It loads itself anew until the run is done.
struct CurvePage {
  let title: String
  let stepCount: Int
  /// Lines of metrics.
  let lines: [JSON]

  private static let width = 720.0
  private static let height = 260.0
  private static let colors = [
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2",
    "#7f7f7f", "#bcbd22",
  ]

  private struct Curve {
    let name: String
    var points: [(step: Double, value: Double)]
  }

  var html: String {
    let step = lines.last?["step"]?.integer ?? 0
    let isDone = step >= stepCount
    let refresh = isDone ? "" : "<meta http-equiv=\"refresh\" content=\"10\">"
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">\(refresh)
      <title>\(escaped(title)): step \(step) of \(stepCount)</title>
      <style>
      :root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
      body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
      .grid { stroke: currentColor; stroke-opacity: .15; } .curve { fill: none; stroke-width: 1.8; }
      li { list-style: none; display: inline-block; margin-right: 1.2rem; } ul { padding: 0; }
      </style></head><body>
      <h1>\(escaped(title))</h1>
      <p>Step \(step) of \(stepCount)\(isDone ? ", done" : "; this page loads itself anew").</p>
      \(section("Loss (logarithmic)", losses, isLogarithmic: true))
      \(section("Accuracy on held-out questions", accuracies, isLogarithmic: false))
      </body></html>

      """
  }

  private var losses: [Curve] {
    [("token_loss", "tokens"), ("thought_loss", "thoughts")].compactMap { key, name in
      let points = lines.compactMap { line -> (step: Double, value: Double)? in
        guard let step = line["step"]?.number, let value = line[key]?.number, value > 0 else {
          return nil
        }
        return (step, value)
      }
      return points.isEmpty ? nil : Curve(name: name, points: points)
    }
  }

  private var accuracies: [Curve] {
    var curves: [Curve] = []
    for line in lines {
      for (name, value) in line["accuracy"]?.object ?? [:] {
        let index = curves.firstIndex { $0.name == name } ?? curves.count
        if index == curves.count { curves.append(Curve(name: name, points: [])) }
        curves[index].points.append((line["step"]?.number ?? 0, value.number ?? 0))
      }
    }
    return curves
  }

  private func section(_ heading: String, _ curves: [Curve], isLogarithmic: Bool) -> String {
    guard !curves.isEmpty else { return "" }
    let values = curves.flatMap { $0.points.map(\.value) }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let scale =
      isLogarithmic
      ? Scale(low: log10(low) - 0.02, high: log10(high) + 0.02) : Scale(low: 0, high: 1)
    let ticks =
      isLogarithmic
      ? (0...4).map { pow(10, scale.low + (scale.high - scale.low) * Double($0) / 4) }
      : [0, 0.25, 0.5, 0.75, 1]
    func y(_ value: Double) -> Double {
      Self.height - 24 - (Self.height - 34) * scale.share(isLogarithmic ? log10(value) : value)
    }
    func x(_ step: Double) -> Double { 48 + (Self.width - 78) * step / Double(max(stepCount, 1)) }
    var marks = ticks.map { tick in
      "<line class=\"grid\" x1=\"48\" x2=\"\(Self.width - 30)\" y1=\"\(text(y(tick)))\" "
        + "y2=\"\(text(y(tick)))\"/><text x=\"42\" y=\"\(text(y(tick) + 4))\" "
        + "text-anchor=\"end\">\(isLogarithmic ? text(tick, 3) : "\(Int(tick * 100)) %")</text>"
    }
    marks += (0...4).map { part in
      let step = Double(stepCount * part / 4)
      return "<text x=\"\(text(x(step)))\" y=\"\(Self.height - 6)\" text-anchor=\"middle\">"
        + "\(Int(step))</text>"
    }
    let paths = curves.enumerated().map { index, curve in
      let points = curve.points.map { "\(text(x($0.step))),\(text(y($0.value)))" }
      return "<polyline class=\"curve\" stroke=\"\(Self.color(index))\" "
        + "points=\"\(points.joined(separator: " "))\"/>"
    }
    let legend = curves.enumerated().map { index, curve in
      let last = curve.points.last?.value ?? 0
      let value = isLogarithmic ? text(last, 4) : "\(text(100 * last, 1)) %"
      return "<li><span style=\"color:\(Self.color(index))\">●</span> "
        + "\(escaped(curve.name)): \(value)</li>"
    }
    return """
      <h2>\(heading)</h2>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(heading)">
      \((marks + paths).joined(separator: "\n"))
      </svg>
      <ul>\(legend.joined())</ul>
      """
  }

  private struct Scale {
    let low, high: Double

    func share(_ value: Double) -> Double { (value - low) / max(high - low, 1e-9) }
  }

  private static func color(_ index: Int) -> String { colors[index % colors.count] }

  private func text(_ number: Double, _ digits: Int = 1) -> String {
    String(format: "%.\(digits)f", number)
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
