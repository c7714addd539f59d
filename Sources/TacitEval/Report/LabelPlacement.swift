/// Finds room for labels beside the points of a chart.
struct LabelPlacement {
  /// A box with its origin at the top left.
  struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }

    func contains(_ other: Box) -> Bool {
      other.x >= x && other.y >= y && other.x + other.width <= x + width
        && other.y + other.height <= y + height
    }
  }

  /// What labels must stay within.
  let bounds: Box
  /// What labels must keep clear of.
  private(set) var taken: [Box]

  /// Room that is free but for some boxes.
  init(bounds: Box, taken: [Box]) {
    self.bounds = bounds
    self.taken = taken
  }

  /// Takes the free place that is nearest to a point: right of it, left, above or below, then
  /// farther away.
  /// - Returns: The place, or nil when there is none near enough to be understood.
  mutating func place(
    width: Double, height: Double, around point: (x: Double, y: Double)
  ) -> Box? {
    for distance in stride(from: 10.0, through: 90, by: 8) {
      let sides: [(x: Double, y: Double)] = [
        (1, 0), (-1, 0), (0, -1), (0, 1), (0.7, -0.7), (0.7, 0.7), (-0.7, -0.7), (-0.7, 0.7),
      ]
      for side in sides {
        let box = Box(
          x: point.x + distance * side.x - width * (1 - side.x.direction) / 2,
          y: point.y + distance * side.y - height * (1 - side.y.direction) / 2,
          width: width, height: height)
        if bounds.contains(box), !taken.contains(where: box.overlaps) {
          taken.append(box)
          return box
        }
      }
    }
    return nil
  }
}

extension Double {
  /// −1, 0 or 1.
  fileprivate var direction: Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}

/// Width in pixels that a text has at most in a sans serif of a size in pixels, by estimate.
func estimatedWidth(_ text: String, size: Double) -> Double {
  0.62 * size * Double(displayWidth(text))
}
