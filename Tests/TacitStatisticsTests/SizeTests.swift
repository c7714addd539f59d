import Foundation
import TacitRandom
import Testing

@testable import TacitStatistics

/// How often tests reject, where there is nothing to find and where there is.
@Suite struct SizeTests {
  /// Share of simulated runs whose p-value is at most 5 %.
  private static func rejections(
    in runs: Int, key: UInt64, _ pValue: (inout CounterRandom) -> Double
  ) -> Double {
    share(of: runs, key: key) { pValue(&$0) <= 0.05 }
  }

  /// McNemar's test of simulated pairs, of which `discordance` are discordant.
  private static func mcNemar(
    pairs: Int, discordance: Double, difference: Double, _ random: inout CounterRandom
  ) -> Double {
    var baseline: [Bool] = []
    var candidate: [Bool] = []
    for _ in 0..<pairs {
      let draw = random.uniform()
      baseline.append(draw < (discordance - difference) / 2 || draw > 1 - (1 - discordance) / 2)
      candidate.append(
        (discordance - difference) / 2 <= draw && draw < discordance
          || draw > 1 - (1 - discordance) / 2)
    }
    return McNemar(baseline: baseline, candidate: candidate).pValue
  }

  @Test(arguments: [(30, 0.2), (100, 0.1), (100, 0.5), (300, 0.3)])
  func mcNemarKeepsItsSize(pairs: Int, discordance: Double) {
    let size = Self.rejections(in: 4000, key: 1) {
      Self.mcNemar(pairs: pairs, discordance: discordance, difference: 0, &$0)
    }
    #expect((0.001...0.05).contains(size), "\(size)")
  }

  /// The difference that is said to be detectable is found in about four of five runs.
  @Test(arguments: [20, 50, 200, 500], [0.0, 0.05, 0.2, 0.5])
  func powerAtTheDetectableDifference(pairs: Int, discordance: Double) throws {
    let difference = try #require(
      DetectableDifference.smallest(pairCount: pairs, discordance: discordance))
    let power = Self.rejections(in: 4000, key: 2) {
      Self.mcNemar(
        pairs: pairs, discordance: max(discordance, difference), difference: difference, &$0)
    }
    // The exact test is the more conservative the fewer pairs there are.
    let expected = pairs < 200 ? 0.73...0.84 : 0.76...0.84
    #expect(expected.contains(power), "\(power)")
  }

  /// Skewed costs whose order is a coin's: enumerated for 12 samples, drawn for 40.
  @Test(arguments: [12, 40]) func signFlipsKeepTheirSize(count: Int) {
    let size = Self.rejections(in: 3000, key: 3) { random in
      let differences = (0..<count).map { _ in
        log(1 - random.uniform()) * (random.uniform() < 0.5 ? 1 : -1)
      }
      return SignFlipTest(differences: differences, seed: random.bits(), flipCount: 199).pValue
    }
    #expect((0.04...0.06).contains(size), "\(size)")
  }

  /// Clusters of five samples that err in one direction: flipped together, and apart.
  @Test func clustersFlipTogether() {
    let names = (0..<100).map { Optional("\($0 / 5)") }
    func size(_ clusters: [String?]?) -> Double {
      Self.rejections(in: 1000, key: 4) { random in
        let differences = (0..<20).flatMap { _ in
          let shift = random.uniform() - 0.5
          return (0..<5).map { _ in shift + 0.2 * (random.uniform() - 0.5) }
        }
        return SignFlipTest(
          differences: differences, clusters: clusters, seed: random.bits(), flipCount: 199
        ).pValue
      }
    }
    #expect((0.03...0.07).contains(size(names)), "\(size(names))")
    #expect(size(nil) > 0.2, "\(size(nil))")
  }

  /// Chance of any false claim among four comparisons, some of which are true.
  @Test(arguments: [0, 2]) func holmKeepsTheFamilysSize(trueCount: Int) {
    let size = Self.rejections(in: 10_000, key: 5) { random in
      let values = (0..<4).map { $0 < trueCount ? 1e-6 : random.uniform() }
      return HolmAdjustment.adjusted(values)[trueCount...].min() ?? 1
    }
    // Independent tests come close to the bound: 1 - (1 - 0.05 / m)^m for m false ones.
    #expect((0.043...0.055).contains(size), "\(size)")
  }
}
