import Foundation

/// Where values lie along a side of a chart, and where its ticks are.
struct Axis: Equatable {
  /// How distance relates to value.
  enum Scale {
    /// Equal differences are equally far apart.
    case linear
    /// Equal ratios are equally far apart.
    case logarithmic
  }

  /// How distance relates to value.
  let scale: Scale
  /// The values at both ends.
  let range: ClosedRange<Double>
  /// The values that are labelled, ascending.
  let ticks: [Double]

  /// An axis for values that are far apart as ratios is logarithmic, any other linear.
  /// - Parameters:
  ///   - values: What the axis must cover; not below zero.
  ///   - tickCount: About how many ticks there is room for.
  init(spanning values: ClosedRange<Double>, tickCount: Int) {
    if values.lowerBound > 0, values.upperBound / values.lowerBound >= 8 {
      self.init(logarithmic: values, tickCount: tickCount)
    } else {
      let margin = 0.08 * (values.upperBound - values.lowerBound)
      let low = max(0, values.lowerBound - margin)
      self.init(linear: low...(values.upperBound + margin), tickCount: tickCount)
    }
  }

  /// A linear axis from tick to tick; equal bounds are spread first.
  /// - Parameters:
  ///   - values: What the axis must cover.
  ///   - tickCount: About how many ticks there is room for.
  ///   - limits: What the axis must not go beyond.
  init(
    linear values: ClosedRange<Double>, tickCount: Int,
    limits: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) {
    var low = values.lowerBound
    var high = values.upperBound
    if high - low <= 1e-9 * max(abs(low), abs(high)) {
      let spread = low == 0 ? 1 : 0.1 * abs(low)
      (low, high) = (max(limits.lowerBound, low - spread), min(limits.upperBound, high + spread))
    }
    let step = Self.step(atLeast: (high - low) / Double(max(1, tickCount)))
    let first = (max(limits.lowerBound, low) / step + 1e-9).rounded(.down)
    let last = (min(limits.upperBound, high) / step - 1e-9).rounded(.up)
    scale = .linear
    ticks = stride(from: first, through: last, by: 1).map { Self.multiple($0, of: step) }
    range = Self.multiple(first, of: step)...Self.multiple(last, of: step)
  }

  /// A logarithmic axis with a little room at both ends; all values are above zero.
  init(logarithmic values: ClosedRange<Double>, tickCount: Int) {
    precondition(values.lowerBound > 0, "zero has no logarithm")
    let margin = pow(values.upperBound / values.lowerBound, 0.08)
    let range = (values.lowerBound / margin)...(values.upperBound * margin)
    let decades =
      Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
    func ticks(_ mantissas: [Double], every stride: Int = 1) -> [Double] {
      decades.filter { $0 % stride == 0 }.flatMap { decade in
        mantissas.map { $0 * pow(10, Double(decade)) }
      }.filter(range.contains)
    }
    let candidates =
      [ticks([1, 2, 5]), ticks([1, 3]), ticks([1])] + (2...8).map { ticks([1], every: $0) }
    scale = .logarithmic
    self.range = range
    self.ticks = candidates.first { $0.count <= tickCount + 1 } ?? ticks([1], every: 16)
  }

  /// Where a value lies, from 0 at the lower end to 1 at the upper.
  func position(of value: Double) -> Double {
    switch scale {
    case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below a number.
  private static func step(atLeast number: Double) -> Double {
    let power = pow(10, log10(number).rounded(.down))
    return ([1, 2, 5, 10].first { $0 * power >= number * (1 - 1e-9) } ?? 10) * power
  }

  /// A multiple without the noise of binary fractions: 3 × 0.1 is 0.3.
  private static func multiple(_ count: Double, of step: Double) -> Double {
    rounded(count * step, digits: 12)
  }
}
