import Foundation
import TacitRandom
import Testing

@testable import TacitStatistics

/// Whether intervals contain the truth as often as they say, over simulated runs.
@Suite struct CoverageTests {
  private static func score(_ probability: Double, _ random: inout CounterRandom) -> Double {
    random.uniform() < probability ? 1 : 0
  }

  @Test(arguments: [0.05, 0.1, 0.3, 0.5, 0.7, 0.9], [100, 200, 300])
  func wilson(probability: Double, count: Int) {
    let coverage = share(of: 4000, key: 1) { random in
      let scores = (0..<count).map { _ in Self.score(probability, &random) }
      return Accuracy(scores: scores).confidenceInterval.contains(probability)
    }
    #expect((0.93...0.97).contains(coverage), "\(coverage)")
  }

  /// Clusters of four questions that are hard or easy together: right in 90 % or 30 %.
  @Test func clusteredAccuracy() {
    let names = (0..<320).map { Optional("\($0 / 4)") }
    func coverage(_ clusters: [String?]?) -> Double {
      share(of: 3000, key: 2) { random in
        let scores = (0..<80).flatMap { _ in
          let probability = random.uniform() < 0.5 ? 0.9 : 0.3
          return (0..<4).map { _ in Self.score(probability, &random) }
        }
        return Accuracy(scores: scores, clusters: clusters).confidenceInterval.contains(0.6)
      }
    }
    #expect((0.93...0.97).contains(coverage(names)), "\(coverage(names))")
    // The same runs without their clusters are surer than they may be.
    #expect(coverage(nil) < 0.9, "\(coverage(nil))")
  }

  /// A candidate that turns one wrong answer in four right, over samples or clusters of three.
  @Test(arguments: [1, 3]) func pairedDifference(clusterSize: Int) {
    let names = (0..<150).map { Optional("\($0 / clusterSize)") }
    let coverage = share(of: 600, key: 3) { random in
      var baseline: [Double] = []
      var candidate: [Double] = []
      for _ in 0..<150 / clusterSize {
        let probability = random.uniform() < 0.5 ? 0.8 : 0.4
        for _ in 0..<clusterSize {
          let right = Self.score(probability, &random)
          baseline.append(right)
          candidate.append(max(right, Self.score(0.25, &random)))
        }
      }
      let found = PairedDifference(
        baseline: baseline, candidate: candidate, clusters: names, seed: 11, resampleCount: 1000)
      return found.confidenceInterval?.contains(0.1) == true
    }
    #expect((0.93...0.97).contains(coverage), "\(coverage)")
  }

  @Test func ratioOfTotals() {
    let coverage = share(of: 600, key: 4) { random in
      let baseline = (0..<150).map { _ in 50 + 100 * random.uniform() }
      let candidate = baseline.map { $0 * (0.5 + 0.5 * random.uniform()) }
      let found = RatioOfTotals(
        baseline: baseline, candidate: candidate, seed: 12, resampleCount: 1000)
      return found.confidenceInterval?.contains(0.75) == true
    }
    #expect((0.93...0.97).contains(coverage), "\(coverage)")
  }

  @Test(arguments: [2, 8, 40]) func ratioOfGeometricMeans(count: Int) {
    let coverage = share(of: 4000, key: 5) { random in
      let baseline = random.gaussians(count).map { exp(Double($0)) }
      let candidate = zip(baseline, random.gaussians(count)).map { 1.3 * $0 * exp(Double($1)) }
      let found = RatioOfGeometricMeans(baseline: baseline, candidate: candidate)
      return found.confidenceInterval?.contains(1.3) == true
    }
    #expect((0.94...0.96).contains(coverage), "\(coverage)")
  }
}
