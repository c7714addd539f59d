import ArgumentParser
import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs work that Ctrl-C and SIGTERM end cleanly; a second Ctrl-C ends the process at once.
///
/// The work is cancelled and may finish what it is writing.
/// - Parameters:
///   - message: What the user is told after an interruption.
///   - work: What runs.
/// - Returns: what the work returns.
/// - Throws: `ExitCode(130)` after an interruption, else what the work throws.
func interruptible<Value: Sendable>(
  message: String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let task = Task { try await work() }
  let sources = [SIGINT, SIGTERM].map { signalNumber in
    // The default action stays off until the first signal has been seen.
    signal(signalNumber, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: signalNumber, queue: .global())
    source.setEventHandler {
      signal(signalNumber, SIG_DFL)
      task.cancel()
    }
    source.resume()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    for signalNumber in [SIGINT, SIGTERM] { signal(signalNumber, SIG_DFL) }
  }
  do {
    return try await task.value
  } catch is CancellationError {
    StandardStreams.writeError(message)
    throw ExitCode(130)
  }
}
