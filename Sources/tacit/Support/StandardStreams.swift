import TacitJSON

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

  /// Writes text to standard output at once; what a terminal would act on is shown to it instead.
  /// - Throws: ``WriteError`` when the receiver is gone or the disk is full.
  static func writeOutput(_ text: String) throws(WriteError) {
    var rest = Array((isatty(STDOUT_FILENO) == 1 ? text.printable : text).utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw WriteError(reason: String(cString: strerror(errno)))
      }
    }
  }

  /// Writes a line to standard error, printable; nothing can be done if that fails.
  static func writeError(_ line: String) { writeErrorText(line.printable + "\n") }

  /// Writes text to standard error as it is, without ending the line.
  static func writeErrorText(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Whether standard input is a terminal.
  static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}

/// The lines of standard input as bytes, without their newlines.
struct InputLines {
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  /// The next line; nil at the end.
  mutating func next() -> [UInt8]? {
    var searched = 0
    while true {
      if let newline = buffer[searched...].firstIndex(of: 0x0A) {
        defer { buffer.removeFirst(newline + 1) }
        return Array(buffer[..<newline])
      }
      searched = buffer.count
      if isAtEnd {
        defer { buffer = [] }
        return buffer.isEmpty ? nil : buffer
      }
      fill()
    }
  }

  private mutating func fill() {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(STDIN_FILENO, &chunk, chunk.count)
    if count > 0 {
      buffer += chunk[..<count]
    } else if count == 0 || errno != EINTR {
      isAtEnd = true
    }
  }
}
