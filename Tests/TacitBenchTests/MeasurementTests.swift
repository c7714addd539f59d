import Testing

@testable import TacitBench

@Suite struct MeasurementTests {
  @Test func medians() {
    let odd = Repetitions([3, 1, 100])
    #expect(odd.median == 3 && odd.minimum == 1 && odd.maximum == 100)
    #expect(Repetitions([4, 1, 2, 100]).median == 3)
    #expect(Repetitions([7]).median == 7)
  }

  @Test func speedsFollowFromSeconds() {
    let result = BenchResult(
      workload: .decode, sessionCount: 4, positionCount: 10, stepCount: 10,
      seconds: Repetitions([2, 4, 1]), floatingPointOperations: 600, weightByteCount: 30,
      keyValueBytesRead: 50, keyValueByteCount: 0)
    #expect(result.positionsPerSecond.values == [20, 10, 40])
    #expect(result.millisecondsPerStep.median == 200)
    #expect(result.bytesPerStep == 35 && result.bytesPerSecond == 175)
    #expect(result.operationsPerSecond == 300)
  }

  @Test func theMachineReadsAndComputes() {
    let limits = MachineLimits.measured(byteCount: 8 << 20, repetitionCount: 3)
    #expect(limits.readBytesPerSecond >= limits.readOfNormalPages.median)
    #expect(limits.readBytesPerSecond.isFinite && limits.readBytesPerSecond > 0)
    let float32 = limits.operationsPerSecond(.float32) ?? 0
    #expect(float32.isFinite && float32 > 0)
    let hasDotProducts = InstructionSet.current == .avx512
    #expect(hasDotProducts || limits.operationsPerSecond(.int8) == nil)
    #expect((ProcessMemory.peakResidentBytes ?? 1) > 0)
  }
}
