import Testing

@testable import TacitEval

/// Bounds by scipy 1.17.1: `binomtest(k, n).proportion_ci(0.95, method="wilson")`.
@Test(arguments: [
  (0, 1, 0.0, 0.7934506856227626), (1, 1, 0.20654931437723745, 1.0),
  (0, 10, 0.0, 0.27753279986288926), (5, 10, 0.236593090512564, 0.7634069094874361),
  (10, 10, 0.7224672001371109, 1.0), (438, 500, 0.8442125871122161, 0.9020539088606965),
  (1, 200, 0.0008831687156009762, 0.02777370439789293),
  (199, 200, 0.972226295602107, 0.999116831284399),
  (41, 97, 0.32916626250818676, 0.5220853935525268),
])
func wilsonInterval(correct: Int, count: Int, low: Double, high: Double) {
  let interval = Accuracy.wilsonInterval(
    proportion: Double(correct) / Double(count), count: count)
  #expect(abs(interval.lowerBound - low) < 1e-14)
  #expect(abs(interval.upperBound - high) < 1e-14)
}

/// Errors by `scipy.stats.sem` 1.17.1, and for clusters by the formula of Miller 2024 in numpy.
@Test func standardErrors() throws {
  let scores: [Double] = [1, 0, 1, 1, 0, 1, 1, 0]
  #expect(abs(try #require(Accuracy(scores: scores).standardError) - 0.18298126367784995) < 1e-15)
  let averaged = Accuracy(scores: [0.5, 1, 0, 0.5])
  #expect(abs(try #require(averaged.standardError) - 0.2041241452319315) < 1e-15)
  let clusters = ["a", "a", "b", "b", "c", "c", "c", nil]
  let clustered = Accuracy(scores: scores, clusters: clusters)
  #expect(abs(try #require(clustered.standardError) - 0.1269381000724369) < 1e-15)
  #expect(Accuracy(scores: [1]).standardError == nil)
  #expect(Accuracy(scores: [1, 0], clusters: ["a", "a"]).standardError == nil)
}
