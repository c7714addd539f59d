internal import CKernels

/// The one pool of threads that all kernels share.
public enum Threads {
  /// How many threads share a loop, the calling one included.
  public static var count: Int { Int(tacit_pool_threads()) }

  /// Changes the number of threads; results never depend on it.
  public static func setCount(_ count: Int) {
    precondition(count >= 1, "at least one thread is needed")
    tacit_pool_resize(Int32(clamping: count))
  }

  /// Calls `body` on pieces of 0..<count of at most `chunk` items, from all threads, and waits.
  ///
  /// A nested or concurrent call runs on its own thread. `body` must be safe to run concurrently.
  public static func forEach(_ count: Int, chunk: Int = 1, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Loop(body: body)) { loop in
        tacit_parallel_for(
          count, chunk,
          { context, begin, end in
            context.assumingMemoryBound(to: Loop.self).pointee.body(begin..<end)
          }, loop)
      }
    }
  }

  /// Calls `body` with all its loops on the calling thread, for work that itself runs side by side.
  public static func keepingOut<Result>(_ body: () -> Result) -> Result {
    let before = tacit_pool_keep_out(true)
    defer { _ = tacit_pool_keep_out(before) }
    return body()
  }

  private struct Loop {
    let body: (Range<Int>) -> Void
  }
}
