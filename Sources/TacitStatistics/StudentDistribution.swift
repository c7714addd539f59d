/// Student's t distribution.
struct StudentDistribution {
  /// Degrees of freedom, above 0.
  let degreesOfFreedom: Double

  /// Probability of a number above `deviate`, which is at least 0.
  func upperTail(_ deviate: Double) -> Double {
    precondition(deviate >= 0, "not in the upper half")
    let square = deviate * deviate
    let share = degreesOfFreedom / (degreesOfFreedom + square)
    return 0.5 * IncompleteBeta.regularized(share, degreesOfFreedom / 2, 0.5)
  }

  /// The inverse of ``upperTail(_:)``, by bisection to the last bit.
  ///
  /// - Parameter tail: Above 0, at most one half.
  /// - Returns: At least 0.
  func upperQuantile(_ tail: Double) -> Double {
    precondition(tail > 0 && tail <= 0.5, "not in the upper half")
    var low = 0.0
    var high = 1.0
    while upperTail(high) > tail { high *= 2 }
    while true {
      let middle = low + (high - low) / 2
      guard low < middle, middle < high else { return high }
      if upperTail(middle) > tail { low = middle } else { high = middle }
    }
  }
}
