#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension CounterRandom {
  /// Independent numbers of the standard normal distribution.
  ///
  /// Source: Box and Muller 1958; two draws make two numbers. Logarithm and cosine are those of
  /// the C library in Float64.
  public mutating func gaussians(_ count: Int) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count + 1)
    while numbers.count < count {
      // Above 0, for the logarithm: a draw is below 1.
      let radius = (-2 * log(1 - uniform())).squareRoot()
      let angle = 2 * Double.pi * uniform()
      numbers.append(Float(radius * cos(angle)))
      numbers.append(Float(radius * sin(angle)))
    }
    return Array(numbers.prefix(count))
  }
}
