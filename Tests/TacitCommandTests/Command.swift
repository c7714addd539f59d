import Foundation
import TacitJSON
import TacitTesting

/// The built command, run as its users run it.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  static let root = URL(fileURLWithPath: Fixtures.folder).appending(path: "../..").standardized.path
  static let binary = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "tacit").path

  static func process(
    _ arguments: [String], executable: String = binary, folder: String = root
  ) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    return process
  }

  /// As ``init(_:input:environment:executable:in:)``.
  init(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws {
    try self.init(arguments, input: input, environment: environment)
  }

  /// Runs to the end; output is read from files, so that no pipe can fill up.
  init(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    executable: String = binary, in place: String = root
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(input.utf8, to: "input")
    for name in ["output", "errors"] { try folder.write([], to: name) }
    let process = Self.process(arguments, executable: executable, folder: place)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    func file(_ name: String) -> URL { URL(fileURLWithPath: folder.path + "/" + name) }
    process.standardInput = try FileHandle(forReadingFrom: file("input"))
    process.standardOutput = try FileHandle(forWritingTo: file("output"))
    process.standardError = try FileHandle(forWritingTo: file("errors"))
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: file("output"), encoding: .utf8)
    errors = try String(contentsOf: file("errors"), encoding: .utf8)
  }

  /// Standard output as one JSON value.
  var json: JSON { get throws { try JSON(parsing: output) } }
}
