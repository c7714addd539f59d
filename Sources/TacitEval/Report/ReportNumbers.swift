import Foundation

/// "p < 0.001", "p = 0.034".
func probability(_ value: Double) -> String {
  value < 0.001 ? "p < 0.001" : "p = " + pValueText(value)
}

/// "+38.0 to +44.2", in points of per cent; "—" where it is not known.
func pointsSpan(_ interval: ClosedRange<Double>?) -> String {
  interval.map { "\(points($0.lowerBound)) to \(points($0.upperBound))" } ?? "—"
}

/// The number to a number of significant decimal digits.
func rounded(_ number: Double, digits: Int) -> Double {
  guard number != 0, number.isFinite else { return number }
  let exponent = digits - 1 - Int(log10(abs(number)).rounded(.down))
  let scale = pow(10, Double(abs(exponent)))
  let result =
    exponent >= 0 ? (number * scale).rounded() / scale : (number / scale).rounded() * scale
  return result.isFinite ? result : number
}

/// A unit with the decimal prefix that suits the largest of some values, at three digits.
struct ScaledUnit: Equatable {
  /// What one of the unit is in the base unit.
  let factor: Double
  /// The prefix: "", "k", "M", "m", "µ".
  let prefix: String
  private let places: Int

  /// Chooses the prefix.
  /// - Parameters:
  ///   - largest: The largest magnitude.
  ///   - allowsFractions: Whether prefixes below one make sense, as for seconds.
  init(largest: Double, allowsFractions: Bool = false) {
    let prefixes: [(Double, String)] = [
      (1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""),
      (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"),
    ]
    let usable = prefixes.filter { allowsFractions || $0.0 >= 1 }
    // Counts up to four digits are easier to read without a prefix.
    let fitting = usable.first { factor, _ in
      largest >= 0.9995 * factor * (factor == 1e3 && !allowsFractions ? 10 : 1)
    }
    let chosen = fitting ?? (largest == 0 || usable.isEmpty ? (1, "") : usable[usable.count - 1])
    factor = chosen.0
    prefix = chosen.1
    let scaled = largest / chosen.0
    // A count without a prefix is no measurement: one decimal tells its mean well enough.
    let most = allowsFractions || chosen.0 > 1 ? 2 : 1
    places = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : most
  }

  /// The value in this unit, without its symbol.
  func text(_ value: Double) -> String { fixed(value / factor, places: places) }
}
