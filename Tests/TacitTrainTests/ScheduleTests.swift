import TacitJSON
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitTrain

@Suite struct ScheduleTests {
  @Test(
    arguments: [
      (JSON.number(0.5), [0.5, 0.5, 0.5, 0.5]),
      ([[0, 1], [0.5, 1], [1, 0]], [1, 1, 0.5, 0]),
      ([[0, 8], [0.25, 8], [0.75, 24]], [8, 16, 24, 24]),
      ([[0, 1], [0.5, 1], [0.5, 3], [1, 3]], [1, 3, 3, 3]),
      (["knots": [[0, 1], [1, 0]], "curve": "cosine"], [1, 0.5, 0.146_446_609_4, 0]),
      (["knots": [[0, 1], [0.5, 2], [1, 3]], "curve": "step"], [1, 2, 2, 3]),
      ([[0.5, 4]], [4, 4, 4, 4]),
    ] as [(JSON, [Double])])
  func values(json: JSON, expected: [Double]) throws {
    let schedule = try #require(Self.schedule(json))
    for (share, value) in zip([0, 0.5, 0.75, 1], expected) {
      #expect(abs(schedule.value(at: share) - value) < 1e-9, "at \(share)")
    }
    #expect(schedule.optionValue.flatMap { Schedule(optionValue: $0) } == schedule)
  }

  @Test(
    arguments: [
      "fast", [], [[0, 1], [1]], [[0.5, 1], [0.2, 1]], [[0, 1], [1.5, 1]], [1, 2],
      ["knots": [[0, 1]], "curve": "wavy"], ["knots": [[0, 1]], "shape": "linear"],
    ] as [JSON])
  func refuses(json: JSON) { #expect(Self.schedule(json) == nil) }

  private static func schedule(_ json: JSON) -> Schedule? {
    OptionValue(json).flatMap { Schedule(optionValue: $0) }
  }
}
