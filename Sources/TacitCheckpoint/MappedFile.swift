import OrderedCollections
import TacitFault
import TacitJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bytes of a file, mapped read-only; nothing is copied until it is touched.
///
/// A file that another program shortens while it is mapped ends the process with a bus error: the
/// files of a checkpoint must not be rewritten in place while it is in use.
public final class MappedFile: @unchecked Sendable {
  /// Path as it was given.
  public let path: String
  /// The whole file; valid while this object lives.
  public let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  /// - Throws: ``Fault`` when it cannot be opened, is no regular file, or cannot be mapped.
  public init(path: String) throws(Fault) {
    self.path = path
    // Without O_NONBLOCK opening a FIFO would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path, "a readable file") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "a readable file") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(path, expected: "a regular file", found: "something else")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw Self.failure(path, "a mappable file") }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  /// The file read as JSON, with the infinities that Python writes into configurations.
  /// - Throws: ``Fault`` with line and column when it is not.
  public func json() throws(Fault) -> JSON {
    do {
      return try withExtendedLifetime(self) { try JSON(parsing: bytes, allowsNonFinite: true) }
    } catch {
      throw Fault(path, expected: "JSON", found: "\(error)")
    }
  }

  /// The file read as a JSON object.
  /// - Throws: ``Fault`` when it is not one.
  func jsonObject() throws(Fault) -> OrderedDictionary<String, JSON> {
    let value = try json()
    guard let members = value.object else {
      throw Fault(path, expected: "an object", found: value.kind)
    }
    return members
  }

  /// Gives back the memory of the pages that lie wholly in `range`; they are read again from the
  /// file when they are touched.
  func releasePages(of range: Range<Int>) {
    guard let base = bytes.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard first < end else { return }
    // Advice: where it is not taken, only memory is lost.
    madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
  }

  deinit {
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }
  }

  private static func failure(_ path: String, _ expected: String) -> Fault {
    Fault(path, expected: expected, found: String(cString: strerror(errno)))
  }
}
