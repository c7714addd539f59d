import Foundation
import TacitJSON
import TacitTesting
import Testing

/// What a command writes to a terminal of its own.
private func shownOnTerminal(_ arguments: String...) throws -> String {
  let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
  defer { close(terminal) }
  // TIOCSPTLCK and TIOCGPTN of Linux: unlock the other side and ask for its number.
  var (isLocked, number): (Int32, Int32) = (0, 0)
  try #require(ioctl(terminal, 0x4004_5431, &isLocked) == 0)
  try #require(ioctl(terminal, 0x8004_5430, &number) == 0)
  let process = Command.process(arguments)
  let side = try #require(FileHandle(forUpdatingAtPath: "/dev/pts/\(number)"))
  process.standardOutput = side
  process.standardError = side
  try process.run()
  try side.close()
  // Reading fails once the command has closed its side.
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = read(terminal, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
  process.waitUntilExit()
  return String(decoding: bytes, as: UTF8.self)
}

@Suite struct HostileTextCommandTests {
  private static let hostile = "\u{1B}[2J\u{9B}31m\u{202E}\0<b>"
  private static let shown = "\\u{1b}[2J\\u{9b}31m\\u{202e}\\u{0}<b>"

  private static func isHarmless(_ text: String) -> Bool {
    !text.unicodeScalars.contains { $0.isActive && $0 != "\n" && $0 != "\r" }
  }

  /// A recipe that answers with hostile text, and a dataset with a hostile question.
  private static func files() throws -> (folder: TemporaryFolder, recipe: String, data: String) {
    let folder = try TemporaryFolder()
    let text = #"\27[2J\u{9b}31m\u{202e}\0<b>"#
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "hostile",
        tacit.stage { name = "s", run = function(state) state:finish("\(text)") end },
      }
      """
    try folder.write(recipe.utf8, to: "hostile.lua")
    let line = try JSON.object(["question": .string(hostile), "target": .string(hostile)]).text()
    try folder.write(line.utf8, to: "data.jsonl")
    return (folder, folder.path + "/hostile.lua", folder.path + "/data.jsonl")
  }

  @Test func terminalsAreShownText() throws {
    let (folder, recipe, data) = try Self.files()
    defer { withExtendedLifetime(folder) {} }
    let out = folder.path + "/run"
    let evaluated = try Command("eval", recipe, "-d", data, "--out", out, "-q")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    for text in [
      try shownOnTerminal("run", recipe, "--question", "q"),
      try shownOnTerminal("list", "datasets", data, "--sample", "0"),
    ] {
      #expect(text.hasPrefix(Self.shown) && Self.isHarmless(text), "\(text.printable)")
    }
    let sample = try shownOnTerminal("show", out, "--sample", "data/0")
    #expect(sample.contains("\\u001b[2J\\u009b31m\\u202e\\u0000<b>") && Self.isHarmless(sample))
    #expect(Self.isHarmless(try shownOnTerminal("show", out)))
    let error = try shownOnTerminal("show", out, "--sample", Self.hostile.replacing("\0", with: ""))
    #expect(error.contains("no sample '\\u{1b}[2J") && Self.isHarmless(error))
  }

  /// A pipe gets every byte.
  @Test func pipesGetTheText() throws {
    let (folder, recipe, data) = try Self.files()
    defer { withExtendedLifetime(folder) {} }
    #expect(try Command("run", recipe, "--question", "q").output == Self.hostile + "\n")
    #expect(try Command("list", "datasets", data, "--sample", "0").output == Self.hostile + "\n")
  }
}
