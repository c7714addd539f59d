import Foundation
import TacitRandom
import Testing

@testable import TacitReasoning

@Suite struct SamplingTests {
  @Test func streamsDependOnEveryPartOfTheirKey() {
    func first(
      seed: UInt64 = 1, sample: String = "a", repetition: Int = 0, stage: Int = 0, step: Int = 0
    ) -> Double {
      var random = CounterRandom(
        seed: seed, sample: sample, repetition: repetition, stage: stage, step: step)
      return random.uniform()
    }
    let all = [
      first(), first(seed: 2), first(sample: "b"), first(repetition: 1), first(stage: 1),
      first(step: 1),
    ]
    #expect(Set(all).count == all.count)
    #expect(first() == all[0])
    #expect(all.allSatisfy { (0..<1).contains($0) })
  }

  static let logits = [1.0, 3.0, 2.0, 3.0, -1.0, -.infinity].map { Float($0) }

  private func draws(_ sampling: Sampling, count: Int = 20_000) -> [Int: Double] {
    var counts: [Int: Double] = [:]
    for step in 0..<count {
      var random = CounterRandom(seed: 9, sample: "s", repetition: 0, stage: 0, step: step)
      if let id = sampling.draw(from: Self.logits, &random) { counts[id, default: 0] += 1 }
    }
    return counts.mapValues { $0 / Double(count) }
  }

  /// Probabilities after all filters, by the definition of Hugging Face's processors.
  private func expected(_ temperature: Double, keep: Set<Int>) -> [Int: Double] {
    let weights = Self.logits.enumerated().filter { keep.contains($0.offset) }
      .map { ($0.offset, exp(Double($0.element) / temperature)) }
    let total = weights.reduce(0) { $0 + $1.1 }
    return Dictionary(uniqueKeysWithValues: weights.map { ($0.0, $0.1 / total) })
  }

  @Test(arguments: [
    (Sampling(temperature: 1), 1.0, [0, 1, 2, 3, 4]),
    (Sampling(temperature: 0.5), 0.5, [0, 1, 2, 3, 4]),
    (Sampling(temperature: 1, topK: 3), 1.0, [1, 2, 3]),
    // Tokens that tie with the k-th stay, as in Hugging Face.
    (Sampling(temperature: 1, topK: 1), 1.0, [1, 3]),
    // softmax: .397 .397 .146 .054 .007; two reach 0.79, a third is needed for 0.8.
    (Sampling(temperature: 1, topP: 0.79), 1.0, [1, 3]),
    (Sampling(temperature: 1, topP: 0.8), 1.0, [1, 2, 3]),
    (Sampling(temperature: 1, minP: 0.3), 1.0, [1, 2, 3]),
    // Top-p sees what top-k left: of three, two hold 0.845.
    (Sampling(temperature: 1, topK: 3, topP: 0.84), 1.0, [1, 3]),
    (Sampling(temperature: 1, topP: 0), 1.0, [1]),
  ])
  func filters(sampling: Sampling, temperature: Double, keep: [Int]) {
    let found = draws(sampling)
    let expected = expected(temperature, keep: Set(keep))
    #expect(Set(found.keys) == Set(expected.keys))
    for (id, probability) in expected {
      // Five standard errors.
      let bound = 5 * (probability * (1 - probability) / 20_000).squareRoot() + 1e-9
      #expect(abs((found[id] ?? 0) - probability) <= bound, "token \(id)")
    }
  }

  @Test func greedyTakesTheLowestOfEqualIDsAndNoNaN() {
    var random = CounterRandom(seed: 0, sample: "", repetition: 0, stage: 0, step: 0)
    #expect(Sampling().draw(from: Self.logits, &random) == 1)
    #expect(Sampling().draw(from: [.nan, 1, 2], &random) == 2)
    #expect(Sampling().draw(from: [.nan, .nan], &random) == nil)
    #expect(Sampling(temperature: 1).draw(from: [-.infinity], &random) == nil)
  }
}
