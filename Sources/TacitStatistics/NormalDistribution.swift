#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The standard normal distribution.
enum NormalDistribution {
  /// Deviate of a two-sided level of 95 %.
  static let deviate95 = quantile(0.975)

  /// Probability of a number up to `deviate`, accurate in the lower tail too.
  static func cumulative(_ deviate: Double) -> Double {
    precondition(!deviate.isNaN, "not a number")
    return 0.5 * erfc(-deviate * 0.5.squareRoot())
  }

  /// The number that `probability` lies below; infinite at 0 and 1.
  ///
  /// Starts from formula 26.2.23 of Abramowitz and Stegun 1964, which is off by less than 5e-4, and
  /// takes three of Halley's steps, each of which cubes the error.
  static func quantile(_ probability: Double) -> Double {
    precondition((0...1).contains(probability), "not a probability")
    let tail = min(probability, 1 - probability)
    guard tail > 0 else { return probability == 0 ? -.infinity : .infinity }
    let scale = (-2 * log(tail)).squareRoot()
    var deviate =
      (2.515517 + scale * (0.802853 + scale * 0.010328))
      / (1 + scale * (1.432788 + scale * (0.189269 + scale * 0.001308))) - scale
    for _ in 0..<3 {
      let density = exp(-0.5 * deviate * deviate) / (2 * Double.pi).squareRoot()
      let newton = (cumulative(deviate) - tail) / density
      deviate -= newton / (1 + 0.5 * deviate * newton)
    }
    return probability < 0.5 ? deviate : -deviate
  }
}
