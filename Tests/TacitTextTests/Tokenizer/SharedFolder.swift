import Foundation
import TacitJSON
import TacitText

/// The shared folder with golden data and models, which is no part of the repository.
enum SharedFolder {
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["TACIT_SHARED"] { return path }
    var root = URL(filePath: #filePath)
    // Tests/TacitTextTests/Tokenizer/SharedFolder.swift
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.deletingLastPathComponent().appending(path: "shared").path
  }()

  static var exists: Bool { FileManager.default.fileExists(atPath: path + "/reference/tokenizers") }

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path + "/" + name))
  }

  static func json(_ name: String) throws -> JSON {
    try data(name).withUnsafeBytes { try JSON(parsing: $0) }
  }

  /// The contents of a file that gzip packed.
  static func unpacked(_ name: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path + "/" + name]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return data
  }
}
