import Synchronization
import TacitRandom

/// The groups that the resamples of a bootstrap draw, drawn once for all intervals of one seed.
public final class Resamples: Sendable {
  /// The key of the draws.
  let seed: UInt64
  private let known = Mutex<[Shape: [UInt32]]>([:])
  /// Draws that are kept for each shape; more are drawn anew for every interval.
  private static let mostKept = 1 << 22

  private struct Shape: Hashable {
    let groupCount, resampleCount: Int
  }

  /// Resamples of the key `seed`.
  public init(seed: UInt64) { self.seed = seed }

  /// Calls `body` with draws: row after row the groups of consecutive resamples, from 0 on.
  func forEachPart(
    groupCount: Int, resampleCount: Int,
    _ body: (_ groups: UnsafeBufferPointer<UInt32>, _ resamples: Int) -> Void
  ) {
    let shape = Shape(groupCount: groupCount, resampleCount: resampleCount)
    guard groupCount * resampleCount > Self.mostKept else {
      let groups = known.withLock { known in
        if let groups = known[shape] { return groups }
        let groups = draw(groupCount, 0..<resampleCount)
        known[shape] = groups
        return groups
      }
      return groups.withUnsafeBufferPointer { body($0, resampleCount) }
    }
    let partCount = max(1, Self.mostKept / groupCount)
    for start in stride(from: 0, to: resampleCount, by: partCount) {
      let part = start..<min(start + partCount, resampleCount)
      draw(groupCount, part).withUnsafeBufferPointer { body($0, part.count) }
    }
  }

  /// Resample r draws its groups from stream (r, 0, 0) of the key.
  private func draw(_ groupCount: Int, _ resamples: Range<Int>) -> [UInt32] {
    precondition(groupCount <= Int(UInt32.max), "too many groups")
    let count = groupCount * resamples.count
    return [UInt32](unsafeUninitializedCapacity: count) { memory, initialized in
      var place = 0
      for resample in resamples {
        var random = CounterRandom(key: seed, stream: SIMD3(UInt32(resample), 0, 0))
        for _ in 0..<groupCount {
          memory.initializeElement(at: place, to: UInt32(random.integer(below: groupCount)))
          place += 1
        }
      }
      initialized = count
    }
  }
}
