import TacitJSON
import Testing

@testable import TacitStatistics

/// Agreement with scipy, statsmodels and numpy to 1e-9.
@Suite struct ReferenceTests {
  @Test func distributions() throws {
    func compare(_ name: String, _ function: ([Double]) -> Double) throws {
      for entry in try Reference.cases(name) {
        let row = try entry.row()
        #expect(agrees(function(row), entry[row.count - 1]), "\(name) \(row)")
      }
    }
    try compare("normal_quantile") { NormalDistribution.quantile($0[0]) }
    try compare("normal_cumulative") { NormalDistribution.cumulative($0[0]) }
    try compare("student_quantile") {
      StudentDistribution(degreesOfFreedom: $0[0]).upperQuantile($0[1])
    }
    try compare("student_tail") { StudentDistribution(degreesOfFreedom: $0[0]).upperTail($0[1]) }
    try compare("incomplete_beta") { IncompleteBeta.regularized($0[0], $0[1], $0[2]) }
    try compare("pass_at_k") {
      PassAtK.estimate(Int($0[0]), repeats: Int($0[1]), correct: Int($0[2]))
    }
  }

  @Test func accuracy() throws {
    for entry in try Reference.cases("accuracy") {
      let found = Accuracy(scores: try entry.values("scores"), clusters: try entry.clusters())
      #expect(agrees(found.mean, entry["mean"]))
      #expect(agrees(found.standardError, entry["error"]), "\(entry)")
      #expect(agrees(found.confidenceInterval, entry["interval"]), "\(found) \(entry)")
    }
  }

  @Test func pairedDifference() throws {
    for entry in try Reference.cases("difference") {
      let found = PairedDifference(
        baseline: try entry.values("baseline"), candidate: try entry.values("candidate"),
        clusters: try entry.clusters(), seed: try Reference.seed(),
        resampleCount: try Reference.count("resamples"))
      #expect(try found.pairCount == entry.values("baseline").count)
      #expect(agrees(found.mean, entry["mean"]))
      #expect(agrees(found.standardError, entry["error"]), "\(entry)")
      #expect(agrees(found.confidenceInterval, entry["interval"]), "\(found) \(entry)")
    }
  }

  /// Intervals that share their resamples are those of their own, kept or drawn part by part.
  @Test(arguments: [(2, 1003), (37, 1000), (500, 10_000)])
  func sharedResamples(count: Int, resampleCount: Int) {
    let resamples = Resamples(seed: 4)
    func costs(_ run: Int) -> [Double] {
      (0..<count).map { sample in Double((sample * 7 + run * 5) % 11 + 1) }
    }
    for run in 1...2 {
      let alone = RatioOfTotals(
        baseline: costs(0), candidate: costs(run), seed: 4, resampleCount: resampleCount)
      let shared = RatioOfTotals(
        baseline: costs(0), candidate: costs(run), seed: 4, resampleCount: resampleCount,
        resamples: resamples)
      #expect(alone == shared && alone.confidenceInterval != nil)
    }
  }

  @Test func ratioOfTotals() throws {
    for entry in try Reference.cases("totals") {
      let found = RatioOfTotals(
        baseline: try entry.values("baseline"), candidate: try entry.values("candidate"),
        clusters: try entry.clusters(), seed: try Reference.seed(),
        resampleCount: try Reference.count("resamples"))
      #expect(agrees(found.ratio, entry["ratio"]))
      #expect(agrees(found.confidenceInterval, entry["interval"]), "\(found) \(entry)")
    }
  }

  @Test func ratioOfGeometricMeans() throws {
    for entry in try Reference.cases("latency") {
      let found = RatioOfGeometricMeans(
        baseline: try entry.values("baseline"), candidate: try entry.values("candidate"))
      #expect(agrees(found.ratio, entry["ratio"]))
      #expect(agrees(found.confidenceInterval, entry["interval"]), "\(found) \(entry)")
      #expect(found.outlierCount == entry["outliers"]?.integer)
    }
  }

  @Test func mcNemar() throws {
    for entry in try Reference.cases("mcnemar") {
      let table = McNemar(
        bothRight: 3, onlyBaselineRight: Int(try entry.value("first")),
        onlyCandidateRight: Int(try entry.value("second")), bothWrong: 4)
      #expect(agrees(table.pValue, entry["p"]), "\(table)")
      #expect(table.pairCount == 7 + table.discordantCount)
    }
  }

  @Test func signFlips() throws {
    for entry in try Reference.cases("sign_flip") {
      let found = SignFlipTest(
        differences: try entry.values("differences"), clusters: try entry.clusters(),
        seed: try Reference.seed(), flipCount: try Reference.count("flips"))
      #expect(agrees(found.pValue, entry["p"]), "\(found) \(entry)")
      #expect(found.isExact == entry["exact"]?.boolean)
    }
  }

  @Test func holm() throws {
    for entry in try Reference.cases("holm") {
      let found = HolmAdjustment.adjusted(try entry.values("p"))
      let expected = try entry.values("adjusted")
      #expect(found.count == expected.count)
      #expect(zip(found, expected).allSatisfy { agrees($0, .number($1)) }, "\(entry)")
    }
  }

  @Test func detectableDifference() throws {
    for entry in try Reference.cases("detectable") {
      let found = DetectableDifference.smallest(
        pairCount: Int(try entry.value("pairs")), discordance: try entry.value("discordance"))
      #expect(agrees(found, entry["smallest"]), "\(String(describing: found)) \(entry)")
    }
  }
}
