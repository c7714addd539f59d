#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitRandom

extension CounterRandom {
  /// An index that is as likely as its weight says; weights are finite and one is above 0.
  mutating func index(weights: [Double]) -> Int {
    var place = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      place -= weight
      if place < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
