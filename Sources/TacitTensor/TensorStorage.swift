internal import CKernels

/// The memory of one tensor or page, which is reused by the next one of its size.
package final class TensorStorage: @unchecked Sendable {
  /// The first element, 64-byte aligned.
  package let base: UnsafeMutablePointer<Float>
  private let count: Int

  /// Memory for `count` elements, which hold anything.
  package init(count: Int) {
    self.count = count
    base = tacit_take_block(count)
  }

  deinit { tacit_give_block(base, count) }

  /// How often the system was asked for memory, by all threads.
  static var allocationCount: Int { tacit_block_allocations() }
}
