#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitTensor

/// Memory for large arrays, of whole pages that are there before the first one is written.
final class PageMemory {
  let base: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - byteCount: Bytes that are needed.
  ///   - isHuge: Whether the system is asked for pages of 2 MB, or for ordinary ones.
  init(byteCount: Int, isHuge: Bool = false) {
    let isLarge = byteCount >= Self.hugePage
    base = .allocate(byteCount: max(byteCount, 1), alignment: isLarge ? Self.hugePage : 64)
    #if os(Linux)
      guard isLarge else { return }
      // Advice that the system does not take changes speed only.
      madvise(base, byteCount, isHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)
      let base = base
      // A page at a time, faults would take longer than everything else.
      Threads.forEach(byteCount, chunk: 8 * Self.hugePage) { range in
        madvise(base + range.lowerBound, range.count, Self.populateForWriting)
      }
    #endif
  }

  deinit { base.deallocate() }

  private static let hugePage = 2 << 20
  /// MADV_POPULATE_WRITE of Linux 5.14, which older headers lack.
  private static let populateForWriting: Int32 = 23
}
