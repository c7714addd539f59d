import Foundation
import TacitFault
import TacitJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of metrics.jsonl, on disk and in memory.
struct MetricsFile {
  private let path: String
  private let handle: FileHandle
  /// All lines, first to last.
  private(set) var lines: [JSON] = []
  /// Bytes of all lines.
  private(set) var length = 0

  /// Opens the file for this process alone and keeps its first bytes, which whole lines make up.
  /// - Throws: ``Fault`` when it is shorter, cannot be written, or is another process's.
  init(_ path: String, keeping length: Int) throws(Fault) {
    self.path = path
    let present = FileManager.default.contents(atPath: path) ?? Data()
    guard present.count >= length else {
      throw Fault(
        path, expected: "at least \(length) bytes, as the training state says",
        found: "\(present.count) bytes", hint: "the folder is incomplete; begin a new one")
    }
    do {
      if present.isEmpty { try Data().write(to: URL(fileURLWithPath: path)) }
      handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw Fault(
          path, expected: "a run that no other process trains", found: "one that is going on")
      }
      try handle.truncate(atOffset: UInt64(length))
      self.length = length
      for line in present.prefix(length).split(separator: 0x0A) {
        lines.append(try JSON(parsing: String(decoding: line, as: UTF8.self)))
      }
    } catch let fault as Fault where !fault.place.isEmpty {
      throw fault
    } catch {
      throw Fault(path, expected: "lines of JSON in a file of ours", found: "\(error)")
    }
  }

  /// Adds a line.
  /// - Throws: ``Fault`` when it cannot be written.
  mutating func append(_ line: JSON) throws(Fault) {
    do {
      let bytes = Data(try line.text().utf8 + [0x0A])
      try handle.write(contentsOf: bytes)
      length += bytes.count
      lines.append(line)
    } catch {
      throw Fault(path, expected: "a file that can be written", found: "\(error)")
    }
  }
}
