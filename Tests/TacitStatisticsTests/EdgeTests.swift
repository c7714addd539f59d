import Testing

@testable import TacitStatistics

/// What no reference library decides.
@Suite struct EdgeTests {
  @Test func outcomesMakeTheirTable() {
    let table = McNemar(
      baseline: [true, true, true, false, false, false],
      candidate: [true, false, false, true, false, false])
    let expected = McNemar(
      bothRight: 1, onlyBaselineRight: 2, onlyCandidateRight: 1, bothWrong: 2)
    #expect(table == expected)
  }

  /// Sign flips of right and wrong are throws of a coin for the discordant pairs.
  @Test func signFlipsOfOutcomesAreMcNemars() {
    for (first, second) in [(0, 1), (1, 8), (3, 12), (7, 7), (16, 0)] {
      let table = McNemar(
        bothRight: 5, onlyBaselineRight: first, onlyCandidateRight: second, bothWrong: 0)
      let differences =
        [Double](repeating: -1, count: first) + [Double](repeating: 1, count: second) + [0, 0]
      let flips = SignFlipTest(differences: differences, seed: 0)
      #expect(flips.isExact && abs(flips.pValue - table.pValue) < 1e-12)
    }
  }

  /// 0.1 + 0.2 - 0.3 is not zero in binary: its sign would break ties of the sums with 0.01.
  @Test func sumsThatDifferByRoundingAreTies() {
    #expect(SignFlipTest(differences: [0.1, 0.2, -0.3, 0.01], seed: 0).pValue == 1)
    #expect(SignFlipTest(differences: [0.1, 0.2, 0.3], seed: 0).pValue == 0.25)
  }

  @Test func aRecipeAgainstItself() throws {
    let scores = (0..<200).map { Double($0 % 2) }
    let difference = PairedDifference(baseline: scores, candidate: scores, seed: 1)
    #expect(difference.mean == 0 && difference.confidenceInterval == 0...0)
    let smallest = try #require(DetectableDifference.smallest(pairCount: 200, discordance: 0))
    // Eight discordant pairs in 200, all of them in one direction.
    #expect((0.035...0.045).contains(smallest))
  }

  /// Six clusters of two: four whose means differ by a half, two that do not.
  @Test func clustersAreThePairsOfADetectableDifference() {
    let differences = [1, 0, 0, 1, -1, 0, 0.5, 0.5, 1, -1, 0, 0]
    let names = (0..<12).map { Optional("\($0 / 2)") }
    #expect(
      DetectableDifference.smallest(differences: differences, clusters: names)
        == DetectableDifference.smallest(pairCount: 6, discordance: 1.0 / 6))
    #expect(DetectableDifference.smallest(differences: [1, 0, 0, 1, -1]) == nil)
  }

  @Test func theSeedDecidesTheResamples() {
    let baseline = (0..<50).map { Double($0 % 3) / 2 }
    let candidate = (0..<50).map { Double($0 % 5) / 4 }
    func interval(_ seed: UInt64) -> ClosedRange<Double>? {
      PairedDifference(baseline: baseline, candidate: candidate, seed: seed).confidenceInterval
    }
    #expect(interval(1) == interval(1))
    #expect(interval(1) != interval(2))
  }

  @Test func whatIsNoNumberIsRefused() async {
    await #expect(processExitsWith: .failure) { _ = Accuracy(scores: []) }
    await #expect(processExitsWith: .failure) { _ = Accuracy(scores: [0, .nan]) }
    await #expect(processExitsWith: .failure) {
      _ = PairedDifference(baseline: [0.5], candidate: [1.5], seed: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = SignFlipTest(differences: [1, .infinity], seed: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = RatioOfGeometricMeans(baseline: [1, 0], candidate: [1, 1])
    }
    await #expect(processExitsWith: .failure) { _ = HolmAdjustment.adjusted([.nan]) }
  }
}
