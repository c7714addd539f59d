/// A drawing in the making; classes carry the style, so that both colour schemes are served.
struct SVG {
  /// Which point of a text its coordinates name.
  enum Anchor: String {
    case start, middle, end
  }

  private var body = ""
  private let opening: String

  /// An empty drawing.
  /// - Parameters:
  ///   - width: Width in pixels.
  ///   - height: Height in pixels.
  ///   - title: Its name for those who cannot see it.
  ///   - description: What it shows, in words.
  ///   - className: Its class.
  init(width: Double, height: Double, title: String, description: String, className: String) {
    let size = "width=\"\(pixels(width))\" height=\"\(pixels(height))\""
    let box = "viewBox=\"0 0 \(pixels(width)) \(pixels(height))\""
    opening =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" class=\"\(className)\" \(size) \(box)>"
      + "<title>\(Self.escaped(title))</title><desc>\(Self.escaped(description))</desc>"
  }

  /// The element.
  var text: String { opening + body + "</svg>" }

  /// Draws a line.
  mutating func line(
    _ start: (x: Double, y: Double), _ end: (x: Double, y: Double), _ className: String
  ) {
    body +=
      "<line class=\"\(className)\" x1=\"\(pixels(start.x))\" y1=\"\(pixels(start.y))\""
      + " x2=\"\(pixels(end.x))\" y2=\"\(pixels(end.y))\"/>"
  }

  /// Draws a line through points.
  mutating func polyline(_ points: [(x: Double, y: Double)], _ className: String) {
    let list = points.map { "\(pixels($0.x)),\(pixels($0.y))" }.joined(separator: " ")
    body += "<polyline class=\"\(className)\" points=\"\(list)\"/>"
  }

  /// Draws a circle.
  mutating func circle(_ center: (x: Double, y: Double), radius: Double, _ className: String) {
    body +=
      "<circle class=\"\(className)\" cx=\"\(pixels(center.x))\" cy=\"\(pixels(center.y))\""
      + " r=\"\(pixels(radius))\"/>"
  }

  /// Draws a square that stands on a corner.
  mutating func diamond(_ center: (x: Double, y: Double), radius: Double, _ className: String) {
    let (x, y) = center
    let corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    let list = corners.map { "\(pixels($0.0)),\(pixels($0.1))" }.joined(separator: " ")
    body += "<polygon class=\"\(className)\" points=\"\(list)\"/>"
  }

  /// Writes on one line.
  mutating func text(
    _ text: String, at point: (x: Double, y: Double), anchor: Anchor = .start, _ className: String
  ) {
    body +=
      "<text class=\"\(className)\" x=\"\(pixels(point.x))\" y=\"\(pixels(point.y))\""
      + " text-anchor=\"\(anchor.rawValue)\">\(Self.escaped(text))</text>"
  }

  /// Draws what the body draws as one thing with a tooltip.
  mutating func group(tooltip: String, _ draw: (inout SVG) -> Void) {
    body += "<g class=\"datum\"><title>\(Self.escaped(tooltip))</title>"
    draw(&self)
    body += "</g>"
  }

  private static func escaped(_ text: String) -> String { escapedHTML(visible(text)) }
}

/// A length to a tenth of a pixel: "12", "12.5".
private func pixels(_ length: Double) -> String {
  let text = fixed(length, places: 1)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
