import TacitFault

/// Reads a file line by line, with the number and the place of every line.
struct LineReader {
  /// One line without its newline.
  struct Line {
    let bytes: ArraySlice<UInt8>
    /// Number of the line, from 1.
    let number: Int
    /// Offset in bytes of the line after this one.
    let endOffset: Int
    /// Whether a newline ends it; only a last line can lack one.
    let isTerminated: Bool
  }

  private let file: File
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0
  private var offset = 0
  private var number = 0
  private var isAtEnd = false

  /// - Throws: ``Fault`` when the file cannot be opened.
  init(_ path: String) throws(Fault) { file = try File(reading: path) }

  /// The next line, or nil at the end of the file.
  mutating func next() throws(Fault) -> Line? {
    while true {
      if let newline = buffer[scanned...].firstIndex(of: 0x0A) {
        return take(to: newline, isTerminated: true)
      }
      scanned = buffer.count
      if isAtEnd {
        return start == buffer.count ? nil : take(to: buffer.count, isTerminated: false)
      }
      if start > 0 {
        buffer.removeFirst(start)
        scanned -= start
        start = 0
      }
      isAtEnd = try file.read(into: &buffer, count: 1 << 16) == 0
    }
  }

  private mutating func take(to end: Int, isTerminated: Bool) -> Line {
    let bytes = buffer[start..<end]
    let length = bytes.count + (isTerminated ? 1 : 0)
    number += 1
    offset += length
    start += length
    scanned = start
    return Line(bytes: bytes, number: number, endOffset: offset, isTerminated: isTerminated)
  }
}
