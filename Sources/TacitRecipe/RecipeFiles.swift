import Synchronization
import TacitFault

#if canImport(Glibc)
  import Glibc
#endif

/// Finds and reads the files of one recipe and remembers what it read.
final class RecipeFiles: Sendable {
  private static let maximumBytes = 4 << 20
  private let folders: [String]
  private let content = Mutex(Content())

  private struct Content {
    var files: [RecipeFile] = []
    var isClosed = false
  }

  /// - Parameter folders: where modules are looked for, first to last.
  init(folders: [String]) {
    self.folders = folders
  }

  /// The folder of a file; empty where the path names none.
  static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.joined(separator: "/")
    return path.hasPrefix("/") && folder.isEmpty ? "/" : folder
  }

  var files: [RecipeFile] { content.withLock { $0.files } }

  /// Reads nothing from now on: what a run depends on must be known before it begins.
  func close() {
    content.withLock { $0.isClosed = true }
  }

  /// Reads the file at a path.
  /// - Throws: `Fault` when it cannot be read or is too large.
  func read(_ path: String) throws -> LuaSource {
    let source = LuaSource(path: path, bytes: try Self.bytes(of: path))
    content.withLock { $0.files.append(RecipeFile(path: path, bytes: source.bytes)) }
    return source
  }

  /// The text of module `a.b`: `a/b.lua` in the first folder that has it.
  ///
  /// Once closed, only modules that were read before.
  func module(_ name: String) throws -> LuaSource {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy(Self.isWordByte)
    }
    guard isPlain, name.utf8.count <= 200 else {
      throw Fault(
        message: "'\(name.prefix(200))' is not a module name",
        hint: "names are words joined by dots: require \"prompts.math\" reads prompts/math.lua")
    }
    let file = parts.joined(separator: "/") + ".lua"
    let candidates = folders.map { $0.isEmpty ? file : "\($0)/\(file)" }
    let (isClosed, files) = content.withLock { ($0.isClosed, $0.files) }
    if isClosed {
      guard let known = files.first(where: { candidates.contains($0.path) }) else {
        throw Fault(message: "require '\(name)' can only be called while the recipe loads")
      }
      return LuaSource(path: known.path, bytes: known.bytes)
    }
    guard let path = candidates.first(where: { access($0, F_OK) == 0 }) else {
      throw Fault(
        message: "module '\(name)' was not found",
        hint: "looked for " + candidates.joined(separator: ", "))
    }
    return try read(path)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    // Not blocking, or a named pipe would hang the open.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path) }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(path, message: "a recipe must be a regular file")
    }
    guard status.st_size <= maximumBytes else {
      throw Fault(
        path, message: "a recipe may have \(maximumBytes) bytes, this has \(status.st_size)")
    }
    let size = Int(status.st_size)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let step = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if step < 0 && errno == EINTR { continue }
        failed = step < 0
        if step <= 0 { break }
        count += step
      }
    }
    if failed { throw failure(path) }
    return bytes
  }

  private static func failure(_ path: String) -> Fault {
    Fault(path, message: "cannot be read: \(String(cString: strerror(errno)))")
  }
}
