import Foundation
import TacitFault

/// Where a result of many lines goes: standard output, or a file that appears once it is whole.
final class ResultFile {
  private let path: String?
  private let handle: FileHandle?
  private var isFinished = false
  private var temporary: String { (path ?? "") + ".tmp" }

  /// - Parameter path: The file; nil for standard output.
  /// - Throws: `Fault` when the file cannot be made, or a folder, link or device is there.
  init(_ path: String?) throws {
    self.path = path
    guard let path else {
      handle = nil
      return
    }
    var status = stat()
    guard lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(
        message: "\(path): expected a new or a regular file, found a folder, link or device")
    }
    guard FileManager.default.createFile(atPath: path + ".tmp", contents: nil),
      let handle = FileHandle(forWritingAtPath: path + ".tmp")
    else {
      throw Fault(message: "\(path): cannot write \(path).tmp beside it\n  is the folder there?")
    }
    self.handle = handle
  }

  /// An unfinished file is not kept.
  deinit {
    if handle != nil, !isFinished { unlink(temporary) }
  }

  /// Writes text at once.
  /// - Throws: `Fault` when the disk is full, `StandardStreams.WriteError`.
  func write(_ text: String) throws {
    guard let handle, let path else { return try StandardStreams.writeOutput(text) }
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      throw Fault(message: "\(path): cannot write: \(error.localizedDescription)")
    }
  }

  /// Gives the file its name.
  /// - Throws: `Fault` when the system refuses.
  func finish() throws {
    guard let handle, let path else { return }
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw Fault(message: "\(path): cannot write: \(error.localizedDescription)")
    }
    guard rename(temporary, path) == 0 else {
      throw Fault(
        message: "\(path): cannot rename \(temporary) to it: \(String(cString: strerror(errno)))")
    }
    isFinished = true
  }
}
