/// A fraction in lowest terms with a positive denominator.
struct Rational: Equatable, CustomStringConvertible {
  let numerator: Int
  let denominator: Int

  /// Reduces a fraction; nil when the denominator is 0 or a number has no negative.
  init?(_ numerator: Int, _ denominator: Int) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    let divisor = greatestCommonDivisor(abs(numerator), abs(denominator))
    self.numerator = numerator / divisor * denominator.signum()
    self.denominator = abs(denominator) / divisor
  }

  /// Reads "-12", "3.50", ".5", "3/4", "\frac{-3}{4}" or "2\frac{1}{2}"; nil for other texts and
  /// for what 64 bits cannot hold.
  init?(_ text: Substring) {
    if let match = text.wholeMatch(of: /([-+]?)([0-9]*)\\frac\{(-?[0-9]+)\}\{(-?[0-9]+)\}/) {
      guard let whole = match.2.isEmpty ? 0 : Int(match.2), let over = Int(match.3),
        let under = Int(match.4)
      else { return nil }
      let (product, overflows) = whole.multipliedReportingOverflow(by: under)
      let (sum, sumOverflows) = product.addingReportingOverflow(over)
      guard !overflows, !sumOverflows else { return nil }
      self.init(match.1 == "-" ? 0 &- sum : sum, under)
    } else if let match = text.wholeMatch(of: /([-+]?[0-9]+)\/([0-9]+)/) {
      guard let over = Int(match.1), let under = Int(match.2) else { return nil }
      self.init(over, under)
    } else if let match = text.wholeMatch(of: /([-+]?[0-9]*)(?:\.([0-9]*))?/) {
      let decimals = match.2 ?? ""
      guard text.utf8.contains(where: { (0x30...0x39) ~= $0 }), decimals.count <= 18,
        let over = Int(match.1 + decimals)
      else { return nil }
      self.init(over, (0..<decimals.count).reduce(1) { power, _ in power * 10 })
    } else {
      return nil
    }
  }

  /// "3/4", or "3" when the denominator is 1.
  var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
  var (larger, smaller) = (first, second)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return max(larger, 1)
}
