import Foundation
import TacitCheckpoint
import TacitJSON

/// Files that tests read.
public enum Fixtures {
  /// Tests/Fixtures.
  public static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures").path

  /// The folder with reference data that is not part of the repository; nil where it is absent.
  public static let shared: String? = {
    let beside = URL(fileURLWithPath: folder).appending(path: "../../../shared").standardized.path
    let path = ProcessInfo.processInfo.environment["TACIT_SHARED"] ?? beside
    return FileManager.default.fileExists(atPath: path + "/reference") ? path : nil
  }()

  /// Names of the tiny random-weight models.
  public static let models = [
    "gpt2", "gpt2_hubnames", "gpt2_strong", "gpt2_weak", "llama", "llama_sharded",
    "llama_strong", "llama_weak", "mistral", "qwen2", "qwen3", "qwen3_bf16", "qwen3_untied",
  ]

  /// Folder of a tiny model.
  public static func model(_ name: String) -> String { folder + "/models/" + name }

  /// A JSON file below Tests/Fixtures.
  public static func json(_ path: String) throws -> JSON {
    try MappedFile(path: folder + "/" + path).json()
  }
}

/// A folder that vanishes with the value that holds it.
public final class TemporaryFolder: Sendable {
  /// Its path.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "tacit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file.
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }
}
