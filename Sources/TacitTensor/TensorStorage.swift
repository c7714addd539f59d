import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of one tensor, taken from and given back to a free list by size.
final class TensorStorage {
  let base: UnsafeMutablePointer<Float>
  private let capacity: Int

  init(count: Int) {
    capacity = Self.roundedUp(count)
    base = FreeList.shared.take(capacity)
  }

  deinit { FreeList.shared.give(base, capacity) }

  /// How often the system was asked for memory, by all threads.
  static var allocationCount: Int { FreeList.shared.allocationCount }

  /// At least 64 floats, four sizes to each doubling.
  private static func roundedUp(_ count: Int) -> Int {
    let count = max(count, 64)
    let step = 1 << max(Int.bitWidth - (count - 1).leadingZeroBitCount - 3, 4)
    return (count + step - 1) & ~(step - 1)
  }
}

/// Blocks of memory waiting for reuse, so that steady decoding asks the system for none.
private final class FreeList: Sendable {
  static let shared = FreeList()
  private static let mostBytes = 256 << 20

  private struct Blocks: @unchecked Sendable {
    var byCapacity: [Int: [UnsafeMutablePointer<Float>]] = [:]
    var bytes = 0
    var allocationCount = 0
  }
  private let blocks = Mutex(Blocks())

  var allocationCount: Int { blocks.withLock { $0.allocationCount } }

  func take(_ capacity: Int) -> UnsafeMutablePointer<Float> {
    let block = blocks.withLock { blocks -> UnsafeMutablePointer<Float>? in
      guard let block = blocks.byCapacity[capacity]?.popLast() else {
        blocks.allocationCount += 1
        return nil
      }
      blocks.bytes -= capacity * MemoryLayout<Float>.stride
      return block
    }
    if let block { return block }
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
    return raw.bindMemory(to: Float.self, capacity: capacity)
  }

  func give(_ block: UnsafeMutablePointer<Float>, _ capacity: Int) {
    let bytes = capacity * MemoryLayout<Float>.stride
    let kept = blocks.withLock { blocks -> Bool in
      guard blocks.bytes + bytes <= Self.mostBytes else { return false }
      blocks.bytes += bytes
      blocks.byCapacity[capacity, default: []].append(block)
      return true
    }
    if !kept { UnsafeMutableRawPointer(block).deallocate() }
  }
}
