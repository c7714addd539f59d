#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writing whole texts to a stream, with short writes and interruptions handled.
enum StandardStreams {
  /// Standard output cannot be written: a closed pipe or a full disk.
  struct WriteError: Error, CustomStringConvertible {
    let reason: String
    var description: String { "standard output: cannot write: \(reason)" }
  }

  /// Writes text to standard output at once.
  /// - Throws: ``WriteError`` when the receiver is gone or the disk is full.
  static func writeOutput(_ text: String) throws(WriteError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw WriteError(reason: String(cString: strerror(errno)))
      }
    }
  }

  /// Writes a line to standard error; nothing can be done if that fails.
  static func writeError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Whether standard input is a terminal.
  static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
