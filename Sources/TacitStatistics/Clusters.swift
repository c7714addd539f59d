/// Which samples belong together and are therefore not independent.
struct Clusters {
  /// Number of clusters, samples of their own among them.
  let count: Int
  /// The cluster of each sample, numbered in order of first appearance.
  ///
  /// That order and no dictionary's, which would change the last bits of sums.
  private let places: [Int]

  /// - Parameters:
  ///   - names: One per sample, nil for a sample of its own; nil stands for no clusters at all.
  ///   - sampleCount: At least 1.
  init(_ names: [String?]?, sampleCount: Int) {
    precondition(sampleCount > 0, "no samples")
    precondition(names.map { $0.count == sampleCount } ?? true, "one cluster per sample")
    var known: [String: Int] = [:]
    var count = 0
    places = (0..<sampleCount).map { sample in
      if let name = names?[sample] {
        if let place = known[name] { return place }
        known[name] = count
      }
      count += 1
      return count - 1
    }
    self.count = count
  }

  /// The sum over each cluster.
  func sums(_ values: [Double]) -> [Double] {
    precondition(values.count == places.count, "one value per sample")
    precondition(values.allSatisfy(\.isFinite), "values are finite numbers")
    var sums = [Double](repeating: 0, count: count)
    for (place, value) in zip(places, values) { sums[place] += value }
    return sums
  }

  /// Number of samples of each cluster.
  var sizes: [Double] { sums([Double](repeating: 1, count: places.count)) }

  /// Standard error of the mean; nil when there are fewer than two clusters.
  ///
  /// The cluster-robust error of Liang and Zeger 1986, as Miller 2024 (arXiv:2411.00640, section
  /// 2) asks for, with the small-sample factor G/(G-1) for G clusters: clusters of one sample each
  /// give the error by the central limit theorem.
  func standardError(of values: [Double], mean: Double) -> Double? {
    guard count > 1 else { return nil }
    let squares = sums(values.map { $0 - mean }).reduce(0) { $0 + $1 * $1 }
    let factor = Double(count) / Double(count - 1)
    return (factor * squares).squareRoot() / Double(values.count)
  }
}
