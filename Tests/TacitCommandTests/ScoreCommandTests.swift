import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite struct ScoreCommandTests {
  private static let lastWord = "pipelines/scorers/last_word.lua"

  private static func evaluate(_ out: String, _ more: String...) throws -> Command {
    try Command(
      ["eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", "20", "-q", "--out", out] + more)
  }

  private static func file(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// Every line but those with times.
  private static func results(_ folder: String) throws -> [Substring] {
    try file(folder + "/results.json").split(separator: "\n").filter { !$0.contains("_seconds") }
  }

  @Test func scoringByLuaEqualsEvaluatingByLua() throws {
    let folder = try TemporaryFolder()
    let (scored, evaluated) = (folder.path + "/scored", folder.path + "/evaluated")
    #expect(try Self.evaluate(scored).status == 0)
    let plain = try Self.file(scored + "/samples.jsonl")
    let direct = try Self.evaluate(evaluated, "--scorer", Self.lastWord)
    #expect(direct.status == 0, "\(direct.errors)")

    let run = try Command("score", scored, "--scorer", Self.lastWord, "--json")
    #expect(run.status == 0, "\(run.errors)")
    let report = try run.json[0]
    #expect(report?["old_scorer"] == "prosqa.strict" && report?["results"]?["rule"] == "lua")
    #expect(report?["scorer"]?.string?.hasPrefix("last_word.lua@") == true)
    #expect(try Self.results(scored) == Self.results(evaluated))

    let anonymous = try Command("score", scored)
    #expect(anonymous.status == 1 && anonymous.errors.contains("was marked by last_word.lua@"))
    #expect(try Command("score", scored, "--scorer", "prosqa").status == 0)
    #expect(try Self.file(scored + "/samples.jsonl") == plain)
  }

  /// One faulty run of several keeps all of them as they were.
  @Test func endlessScorersChangeNothing() throws {
    let folder = try TemporaryFolder()
    let run = folder.path + "/run"
    #expect(try Self.evaluate(run).status == 0)
    let before = try ["manifest.json", "samples.jsonl"].map { try Self.file("\(run)/\($0)") }
    let script = """
      return function(_, sample)
        local is_last = sample.id == "prosqa/19"
        while is_last do end
        return nil
      end
      """
    try folder.write(script.utf8, to: "loop.lua")
    let loop = try Command("score", run, "--scorer", folder.path + "/loop.lua")
    #expect(loop.status == 1 && loop.output.isEmpty)
    #expect(loop.errors.contains("loop.lua:3: stopped after 20000000 instructions"))
    let two = try Command("score", run, folder.path, "--scorer", "exact")
    #expect(two.status == 1 && two.errors.contains("no samples.jsonl"))
    #expect(try ["manifest.json", "samples.jsonl"].map { try Self.file("\(run)/\($0)") } == before)

    let out = folder.path + "/evaluated"
    let evaluated = try Self.evaluate(out, "--scorer", folder.path + "/loop.lua")
    #expect(evaluated.errors.contains("1 of 20 failed"))
    #expect(try Self.file(out + "/samples.jsonl").contains("loop.lua:3: stopped"))
  }

  @Test func wrongScorers() throws {
    let folder = try TemporaryFolder()
    let unknown = try Command("score", folder.path, "--scorer", "exactly")
    #expect(unknown.status == 1)
    let twice = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa?scorer=exact", "--scorer", "number", "--out",
      folder.path + "/run")
    #expect(twice.status == 1 && twice.errors.contains("expected one scorer"))
    let absent = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "--scorer", "no.lua", "--out",
      folder.path + "/run")
    #expect(absent.status == 1 && absent.errors.contains("no.lua: cannot be read"))
  }
}
