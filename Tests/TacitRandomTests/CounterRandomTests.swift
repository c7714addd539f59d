import Testing

@testable import TacitRandom

@Suite struct CounterRandomTests {
  /// Known answers of the Random123 distribution for Philox 4×32-10.
  @Test func philoxKnownAnswers() {
    let none = CounterRandom.philox(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
    #expect(none == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = CounterRandom.philox(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
    #expect(ones == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let digits = CounterRandom.philox(
      counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      key: SIMD2(0xA409_3822, 0x299F_31D0))
    #expect(digits == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// The first known answer again, and what is made of it.
  @Test func drawsAreTheFirstWordsOfABlock() {
    let stream = CounterRandom(key: 0, stream: .zero)
    var bits = stream
    #expect(bits.bits() == 0x6627_E8D5_E169_C58D)
    var uniform = stream
    #expect(uniform.uniform() == Double(0x6627_E8D5_E169_C58D >> 11) * 0x1p-53)
    var integer = stream
    #expect(integer.integer(below: 1 << 32) == 0x6627_E8D5)
    #expect(integer.integer(below: 1) == 0)
  }

  @Test func integersAreEven() {
    var random = CounterRandom(key: 7, stream: .zero)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.integer(below: 7)] += 1 }
    // Five standard deviations of a count are 463.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 463 })
  }

  @Test func gaussiansAreNormal() {
    var random = CounterRandom(key: 1, stream: .zero)
    let numbers = random.gaussians(40_001).map { Double($0) }
    #expect(numbers.count == 40_001)
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, number in
        sum + (0..<power).reduce(1) { product, _ in product * number }
      } / Double(numbers.count)
    }
    // Five standard errors each.
    #expect(abs(moment(1)) < 5 / 200)
    #expect(abs(moment(2) - 1) < 5 * 2.squareRoot() / 200)
    #expect(abs(moment(3)) < 5 * 15.squareRoot() / 200)
    #expect(abs(moment(4) - 3) < 5 * 96.squareRoot() / 200)
  }
}
