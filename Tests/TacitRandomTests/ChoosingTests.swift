import TacitRandom
import Testing

@Test func choosing() {
  var stream = CounterRandom(seed: 1, sample: "test", repetition: 0, stage: 0, step: 0)
  var counts = [Int](repeating: 0, count: 3)
  for _ in 0..<3000 { counts[stream.integer(below: 3)] += 1 }
  #expect(counts.allSatisfy { (870...1130).contains($0) })
  var orders: [[Int]: Int] = [:]
  for _ in 0..<2400 { orders[stream.shuffled([1, 2, 3, 4]), default: 0] += 1 }
  #expect(orders.count == 24)
  #expect(orders.values.allSatisfy { (50...150).contains($0) })
  #expect(stream.shuffled([Int]()) == [])
}
