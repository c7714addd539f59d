#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The regularized incomplete beta function.
enum IncompleteBeta {
  /// I_x(a, b) for positive `a` and `b`, and `x` between 0 and 1.
  ///
  /// The continued fraction 8.17.22 of NIST's Digital Library of Mathematical Functions, on the
  /// side of the mean where it converges fast. The relative error is about that of the logarithm
  /// of the gamma function: 1e-11 while `a` and `b` are below 1000.
  static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
    precondition((0...1).contains(x) && a > 0 && b > 0, "outside of the function's domain")
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let logarithm = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    let factor = exp(logarithm)
    return x < (a + 1) / (a + b + 2)
      ? factor / (a * fraction(x, a, b)) : 1 - factor / (b * fraction(1 - x, b, a))
  }

  /// The fraction's value by Lentz's method as modified by Thompson and Barnett 1986.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var value = 1.0
    var numerator = 1.0
    var denominator = 0.0
    var term = 1.0
    var change = 0.0
    while abs(change - 1) > 1e-15 {
      let half = (term / 2).rounded(.down)
      let coefficient =
        term.truncatingRemainder(dividingBy: 2) == 0
        ? half * (b - half) * x / ((a + term - 1) * (a + term))
        : -(a + half) * (a + b + half) * x / ((a + term - 1) * (a + term))
      denominator = 1 / nonzero(1 + coefficient * denominator)
      numerator = nonzero(1 + coefficient / numerator)
      change = numerator * denominator
      value *= change
      term += 1
    }
    return value
  }
}
