import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite(.serialized) struct EvalCommandTests {
  /// Lines of a run without the times, which are all that may differ.
  private static func lines(_ folder: String) throws -> [String] {
    try String(contentsOfFile: folder + "/samples.jsonl", encoding: .utf8)
      .split(separator: "\n").map { line in
        guard case .object(var members) = try JSON(parsing: String(line)) else { return "" }
        members["prefill_seconds"] = nil
        members["decode_seconds"] = nil
        return try JSON.object(members).text()
      }
  }

  private static func results(_ folder: String) throws -> String {
    let text = try String(contentsOfFile: folder + "/results.json", encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.contains("_seconds") }.joined(separator: "\n")
  }

  private static func arguments(_ folder: String) -> [String] {
    [
      "eval", "pipelines/coconut.lua", "--dataset", "prosqa", "--repeats", "12",
      "--concurrency", "3", "--quiet", "--trace", "--out", folder,
    ]
  }

  /// Starts an evaluation and ends it by a signal once some lines are on disk.
  private static func interrupt(_ folder: String, by signal: Int32, lines: Int) throws -> Int32 {
    let process = Command.process(arguments(folder))
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning {
      let text = try? String(contentsOfFile: folder + "/samples.jsonl", encoding: .utf8)
      if (text ?? "").count(where: { $0 == "\n" }) >= lines {
        kill(process.processIdentifier, signal)
        break
      }
      usleep(2000)
    }
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func killedAndResumedEqualsUninterrupted() throws {
    let folder = try TemporaryFolder()
    let (whole, parts) = (folder.path + "/whole", folder.path + "/parts")
    let reference = Command.process(Self.arguments(whole))
    reference.standardOutput = FileHandle.nullDevice
    try reference.run()
    for lines in [1, 300, 900] {
      _ = try Self.interrupt(parts, by: SIGKILL, lines: lines)
      #expect(!FileManager.default.fileExists(atPath: parts + "/results.json"))
    }
    #expect(try Self.interrupt(parts, by: SIGINT, lines: 1200) == 130)
    let last = Command.process(Self.arguments(parts))
    last.standardOutput = FileHandle.nullDevice
    try last.run()
    last.waitUntilExit()
    reference.waitUntilExit()
    #expect(last.terminationStatus == 0 && reference.terminationStatus == 0)
    #expect(try Self.lines(parts) == Self.lines(whole))
    #expect(try Self.lines(whole).count == 2400)
    #expect(try Self.results(parts) == Self.results(whole))
    let traces = try [whole, parts].map {
      try Data(contentsOf: URL(filePath: $0 + "/trace.jsonl"))
    }
    #expect(traces[0] == traces[1])
  }

  @Test func otherSettingsAreRefusedAndNamed() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/run"
    let first = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", "3", "--out", out)
    #expect(first.status == 0, "\(first.errors)")
    let other = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", "3", "--out", out, "--seed", "1")
    #expect(other.status != 0 && other.output.isEmpty)
    #expect(other.errors.contains("seed: \"0\" → \"1\""))
    let again = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", "3", "--out", out)
    #expect(again.output == first.output)
  }

  /// The staircase on the embedded problems, in a table that lists every scanned value.
  @Test func staircaseOnTheEmbeddedProblems() throws {
    let folder = try TemporaryFolder()
    let run = try Command(
      "eval", "pipelines/direct.lua", "pipelines/coconut.lua", "-P", "latent_steps=0,3,6", "-d",
      "prosqa", "--json", "--out", folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let runs = try #require(try run.json.array)
    #expect(
      runs.map { $0["recipe"]?.string } == [
        "direct", "coconut-latent_steps=0", "coconut-latent_steps=3", "coconut-latent_steps=6",
      ])
    let accuracies = runs.map { $0["results"]?["accuracy"]?.number ?? 0 }
    #expect(accuracies[0] < 0.6 && accuracies[1] < 0.6)
    #expect(accuracies[2] > accuracies[1] && accuracies[3] > accuracies[2])
    #expect(accuracies[3] > 0.85)
    // Three thoughts solve three hops, and no more.
    let hops = try #require(runs[2]["results"]?["by_hops"]?.array)
    #expect(hops[0]["hops"] == 3 && hops[0]["accuracy"]?.number ?? 0 > 0.8)
    #expect(hops[1]["hops"] == 4 && hops[1]["accuracy"]?.number ?? 1 < 0.7)
  }

  /// What another program reached with a checkpoint of its own on the official validation problems.
  @Test(
    .enabled(
      if: Fixtures.shared != nil, "the official problems are not here; left out"))
  func publishedAccuraciesOnTheOfficialProblems() throws {
    let folder = try TemporaryFolder()
    let path = (Fixtures.shared ?? "") + "/data/prosqa_valid.json"
    let run = try Command(
      "eval", "pipelines/direct.lua", "pipelines/chain_of_thought.lua", "pipelines/coconut.lua",
      "-P", "latent_steps=0,1,2,3,4,5,6", "-d", path, "--json", "--out", folder.path,
      "--model", (Fixtures.shared ?? "") + "/models/prosqa/strong")
    #expect(run.status == 0, "\(run.errors)")
    let published = [49.3, 44.3, 51.0, 52.0, 54.3, 68.7, 82.7, 87.0, 87.3]
    let found = try #require(try run.json.array).map {
      100 * ($0["results"]?["accuracy"]?.number ?? 0)
    }
    #expect(found.count == published.count)
    // One problem of 300 is 0.33 points: rounding of Float32 may flip a close decision.
    for (found, published) in zip(found, published) { #expect(abs(found - published) < 0.7) }
  }

  /// Failures are counted, listed and told apart from wrong answers.
  @Test func failedSamplesAreReported() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      local fail = tacit.stage { name = "fail", run = function(state) error("boom") end }
      return tacit.pipeline { name = "failing", tacit.prompt {}, fail }
      """
    try folder.write(recipe.utf8, to: "failing.lua")
    let out = folder.path + "/run"
    let run = try Command(
      "eval", folder.path + "/failing.lua", "-d", "prosqa", "--limit", "3", "--out", out, "-q")
    #expect(run.status == 1 && run.output.contains("failed"))
    #expect(run.errors.contains("3 of 3 failed"))
    #expect(try Self.lines(out).allSatisfy { $0.contains("failing.lua:2") && $0.contains("boom") })
  }

  /// A recipe that sees verdicts on the right answers is marked wherever its accuracy stands.
  @Test func oraclesAreMarked() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "seeking", model = "prosqa", tacit.prompt {},
        tacit.latent_seek {
          max_new_tokens = 6, rho = 0.5, max_steps = 1, reward = "scorer",
          reward_function = tacit.param("plain", false, "Whether to do without.") and function() return -1 end or nil,
        },
      }
      """
    try folder.write(recipe.utf8, to: "seeking.lua")
    let path = folder.path + "/seeking.lua"
    let out = folder.path + "/compare"
    let run = try Command(
      "compare", path, "-P", "plain=false,true", "-d", "prosqa", "--limit", "3", "--out", out, "-q")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").filter { $0.contains("(oracle)") }
    #expect(lines.count == 2)
    #expect(run.output.contains("3 of 3 completions saw verdicts on the right answer (oracle)"))
    let comparison = try JSON(
      parsing: String(contentsOfFile: out + "/comparison.json", encoding: .utf8))
    let oracles = comparison["runs"]?.array?.map { $0["results"]?["oracle"]?.integer }
    #expect(oracles == [3, nil])
    for (format, marks) in [("html", "(oracle)"), ("csv", ",oracle"), ("md", "(oracle)")] {
      let file = folder.path + "/report." + format
      let report = try Command("report", out, "--format", format, "-o", file)
      #expect(report.status == 0, "\(report.errors)")
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains(marks), "\(format)")
    }
    // Where nobody knows the answer, nobody is asked.
    let question = try Command("run", path, "--question", "Tom is a dumpus.")
    #expect(question.status == 1 && question.errors.contains("right answer is known"))
  }

  @Test func tracesAreWholeOrAbsent() throws {
    let folder = try TemporaryFolder()
    func evaluate(_ out: String, _ limit: String, _ flags: String...) throws -> Command {
      let arguments = [
        "eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", limit, "--out", out, "-q",
      ]
      return try Command(arguments + flags)
    }
    let (plain, traced) = (folder.path + "/plain", folder.path + "/traced")
    #expect(try evaluate(plain, "2").status == 0)
    let late = try evaluate(plain, "4", "--trace")
    #expect(late.status != 0 && late.errors.contains("begun without --trace"))
    // Killed after its first file was made, before the second was.
    try folder.write([], to: "plain/samples.jsonl")
    try FileManager.default.removeItem(atPath: plain + "/results.json")
    #expect(try evaluate(plain, "2", "--trace").status == 0)
    #expect(FileManager.default.fileExists(atPath: plain + "/trace.jsonl"))
    #expect(try evaluate(traced, "2", "--trace").status == 0)
    #expect(try evaluate(traced, "4").status == 0)
    let text = try String(contentsOfFile: traced + "/trace.jsonl", encoding: .utf8)
    #expect(text.count { $0 == "\n" } == 4)
  }

  @Test(arguments: ["concurrency=9223372036854775807", "repeats=0", "limit=0"])
  func impossibleCounts(flag: String) throws {
    let run = try Command("eval", "pipelines/direct.lua", "-d", "prosqa", "--" + flag)
    #expect(run.status == 64 && run.errors.contains("expected 1"))
  }

  @Test func faultyDatasetsAreRefusedBeforeTheWork() throws {
    let folder = try TemporaryFolder()
    try folder.write("{\"question\": \"a\", \"answer\": \"b\"}\nnot json\n".utf8, to: "bad.jsonl")
    let out = folder.path + "/run"
    let run = try Command(
      "eval", "pipelines/direct.lua", "-d", folder.path + "/bad.jsonl", "--out", out)
    #expect(run.status != 0 && run.errors.contains("bad.jsonl:2"))
    #expect(!FileManager.default.fileExists(atPath: out))
    let unknown = try Command("eval", "pipelines/direct.lua", "-d", "prosq", "--out", out)
    #expect(unknown.status != 0 && unknown.errors.contains("embedded: prosqa"))
    let parameter = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "-P", "latent_steps=1", "--out", out)
    #expect(parameter.status != 0 && parameter.errors.contains("latent_steps"))
  }
}
