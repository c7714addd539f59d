import TacitFault

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An open file that closes itself; every failure of the system is a typed error.
final class File {
  /// Where it is; ``move(to:)`` changes it.
  private(set) var path: String
  private let descriptor: Int32
  private var isLocked = false

  /// Opens a regular file.
  /// - Throws: ``Fault`` when it cannot be opened or is a folder, pipe or device.
  convenience init(reading path: String) throws(Fault) {
    // Without O_NONBLOCK the opening of a pipe waits for its writer.
    try self.init(path, flags: O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(
        path, expected: "a regular file", found: "a folder, pipe or device", kind: .system)
    }
  }

  /// Opens a file, made when absent.
  init(_ path: String, flags: Int32) throws(Fault) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path, "to open the file") }
  }

  deinit {
    // A child between its fork and its exec has a copy, which would keep the lock.
    if isLocked { flock(descriptor, LOCK_UN) }
    close(descriptor)
  }

  /// Whether a file or folder is there.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether a folder is there.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// All bytes of a regular file.
  static func contents(_ path: String) throws(Fault) -> [UInt8] {
    let file = try File(reading: path)
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, count: 1 << 20) > 0 {}
    return bytes
  }

  /// Writes a file under another name, then renames it: readers see all of it or nothing.
  static func write(_ text: String, atomically path: String) throws(Fault) {
    try draft(text, of: path).move(to: path)
  }

  /// As ``draft(of:_:)``, with a text.
  static func draft(_ text: String, of path: String) throws(Fault) -> File {
    try draft(of: path) { file throws(Fault) in try file.write(Array(text.utf8)) }
  }

  /// Writes what is to become a file to one beside it, which ``move(to:)`` puts in its place.
  ///
  /// When the writing fails, nothing is left.
  static func draft(
    of path: String, _ write: (File) throws(Fault) -> Void
  ) throws(Fault) -> File {
    let temporary = path + ".tmp"
    do throws(Fault) {
      let file = try File(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
      try write(file)
      try file.synchronize()
      return file
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Renames the file, in place of what had the name; when that fails, the file is removed.
  func move(to destination: String) throws(Fault) {
    guard rename(path, destination) == 0 else {
      let error = systemError(destination, "to rename \(path) to it")
      remove()
      throw error
    }
    path = destination
  }

  /// Takes the file's name away.
  func remove() { unlink(path) }

  /// Makes a folder and the missing ones above it.
  static func makeFolder(_ path: String) throws(Fault) {
    if exists(path) { return }
    let trimmed = path.last == "/" ? String(path.dropLast()) : path
    if let slash = trimmed.lastIndex(of: "/"), slash > trimmed.startIndex {
      try makeFolder(String(trimmed[..<slash]))
    }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw systemError(path, "to make the folder")
    }
  }

  /// Reads up to `count` bytes onto the end of an array.
  /// - Returns: How many came; 0 at the end of the file.
  func read(into bytes: inout [UInt8], count: Int) throws(Fault) -> Int {
    var chunk = [UInt8](repeating: 0, count: count)
    var result = 0
    repeat {
      #if canImport(Glibc)
        result = Glibc.read(descriptor, &chunk, count)
      #else
        result = Darwin.read(descriptor, &chunk, count)
      #endif
    } while result < 0 && errno == EINTR
    guard result >= 0 else { throw systemError(path, "to read the file") }
    bytes += chunk[..<result]
    return result
  }

  /// Writes all bytes, in one call unless the system interrupts it.
  func write(_ bytes: [UInt8]) throws(Fault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let result = rest.withUnsafeBytes { buffer in
        #if canImport(Glibc)
          Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #else
          Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw systemError(path, "to write \(bytes.count) bytes") }
      rest = rest.dropFirst(result)
    }
  }

  /// Cuts the file to a length in bytes.
  func truncate(to length: Int) throws(Fault) {
    guard ftruncate(descriptor, off_t(length)) == 0 else {
      throw systemError(path, "to cut the file to \(length) bytes")
    }
  }

  /// Length in bytes.
  func length() throws(Fault) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemError(path, "to read its size") }
    return Int(status.st_size)
  }

  /// Brings everything written to the device.
  func synchronize() throws(Fault) {
    guard fsync(descriptor) == 0 else { throw systemError(path, "to write to the device") }
  }

  /// Takes the file for this process until it is closed.
  /// - Returns: False when another holder has it, or put another file in its place.
  func lock() throws(Fault) -> Bool {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw systemError(path, "to lock the file") }
      return false
    }
    isLocked = true
    var (own, named) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &named) == 0
      && own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }
}

private func systemError(_ path: String, _ expected: String) -> Fault {
  Fault(path, expected: expected, found: String(cString: strerror(errno)), kind: .system)
}
