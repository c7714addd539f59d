/// Wilson's score interval of a proportion at 95 % (Wilson 1927).
public enum WilsonInterval {
  /// Bounds that have a width even where every trial ended alike.
  ///
  /// - Parameters:
  ///   - proportion: Between 0 and 1.
  ///   - count: Number of independent trials, at least 1.
  /// - Returns: The bounds, within 0 and 1.
  public static func bounds(proportion: Double, count: Int) -> ClosedRange<Double> {
    precondition((0...1).contains(proportion) && count > 0, "not a proportion")
    let trials = Double(count)
    let deviate = NormalDistribution.deviate95
    let square = deviate * deviate
    let center = proportion + square / (2 * trials)
    let radicand = proportion * (1 - proportion) / trials + square / (4 * trials * trials)
    let radius = deviate * radicand.squareRoot()
    let scale = 1 + square / trials
    let low = proportion == 0 ? 0 : max(0, (center - radius) / scale)
    let high = proportion == 1 ? 1 : min(1, (center + radius) / scale)
    return low...high
  }
}
