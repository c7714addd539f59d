import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite(.serialized) struct CompareCommandTests {
  private static func process(_ folder: String) -> Process {
    Command.process([
      "compare", "pipelines/direct.lua", "pipelines/coconut.lua", "-P", "latent_steps=1,6", "-d",
      "prosqa", "--repeats", "4", "--concurrency", "3", "-q", "--out", folder,
    ])
  }

  /// The results of a comparison without what times and folders make of them.
  private static func results(_ folder: String) throws -> [String] {
    let text = try String(contentsOfFile: folder + "/comparison.json", encoding: .utf8)
    var json = try JSON(parsing: text)
    guard case .object(var members) = json, let pairs = members["pairs"]?.array else { return [] }
    members["pairs"] = .array(
      pairs.map { pair in
        guard case .object(var members) = pair else { return pair }
        members["latency"] = nil
        return .object(members)
      })
    json = .object(members)
    return try json.text(.indented).split(separator: "\n").map(String.init)
      .filter { !$0.contains("_seconds") && !$0.contains("\"run\": \"/") }
  }

  @Test func interruptedTenTimesEqualsUninterrupted() throws {
    let folder = try TemporaryFolder()
    let (whole, parts) = (folder.path + "/whole", folder.path + "/parts")
    let reference = Self.process(whole)
    reference.standardOutput = FileHandle.nullDevice
    try reference.run()
    var random = SystemRandomNumberGenerator()
    for turn in 0..<10 {
      let process = Self.process(parts)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32.random(in: 20_000...180_000, using: &random))
      kill(process.processIdentifier, turn.isMultiple(of: 2) ? SIGKILL : SIGINT)
      process.waitUntilExit()
    }
    let last = Self.process(parts)
    last.standardOutput = FileHandle.nullDevice
    try last.run()
    last.waitUntilExit()
    reference.waitUntilExit()
    #expect(last.terminationStatus == 0 && reference.terminationStatus == 0)
    let found = try Self.results(parts)
    #expect(found.count > 100)
    #expect(found == (try Self.results(whole)))
  }

  /// "recipe@model" answers with another model than the recipe names.
  @Test func recipesMayHaveModelsOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    let weak = "pipelines/coconut.lua@prosqa-weak"
    let run = try Command(
      "compare", "pipelines/coconut.lua", weak, "-d", "prosqa", "--limit", "20", "--json",
      "--out", folder.path + "/both")
    #expect(run.status == 0, "\(run.errors)")
    let alone = try Command(
      "eval", "pipelines/coconut.lua", "--model", "prosqa-weak", "-d", "prosqa", "--limit", "20",
      "--out", folder.path + "/weak")
    #expect(alone.status == 0, "\(alone.errors)")
    func answers(_ run: String) throws -> [String?] {
      try String(contentsOfFile: folder.path + run + "/samples.jsonl", encoding: .utf8)
        .split(separator: "\n").map { try JSON(parsing: String($0))["completion"]?.string }
    }
    let found = try answers("/both/coconut@prosqa-weak")
    #expect(found == (try answers("/weak")))
    #expect(found != (try answers("/both/coconut")))
    let unknown = try Command("eval", "pipelines/coconut.lua@nothing", "-d", "prosqa")
    #expect(unknown.status == 1 && unknown.errors.contains("nothing"))
  }

  @Test func recipeAgainstItselfShowsNoDifference() throws {
    let folder = try TemporaryFolder()
    let recipe = "pipelines/coconut.lua"
    let run = try Command(
      "compare", recipe, recipe, "-d", "prosqa", "--limit", "60", "--out", folder.path + "/x")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output.contains(
        "coconut.2 and coconut cannot be told apart: no completion is right in one and wrong in "
          + "the other. 60 samples can show a difference of about "))
  }

  /// A control that gives the other candidate as its answer is found out.
  @Test func flippedAnswersAreFound() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      local flip = tacit.stage {
        name = "flip", requires = { "prompt" }, provides = { "text" },
        run = function(state)
          state:coconut { latent_steps = 6 }
          local name, one, two = state.question:match("Is (%a+) a (%a+) or (%a+)%?$")
          local completion = state:generate { prefix = "###", max_new_tokens = 16 }
          local answer = state:answer(completion) or ""
          local other = answer:find(one, 1, true) and two or one
          state:finish("### " .. name .. " is a " .. other .. ".")
        end,
      }
      return tacit.pipeline { name = "flipped", model = "prosqa", tacit.prompt {}, flip }
      """
    try folder.write(recipe.utf8, to: "flipped.lua")
    let out = folder.path + "/x"
    let run = try Command(
      "compare", "pipelines/coconut.lua", folder.path + "/flipped.lua", "-d", "prosqa", "--limit",
      "60", "--out", out, "--json")
    #expect(run.status == 0, "\(run.errors)")
    let pair = try #require(try run.json["pairs"]?[0])
    #expect(pair["settled"] == true && pair["difference"]?.number ?? 0 < -0.3)
    let report = try Command("report", out)
    #expect(report.status == 0 && report.output.contains("flipped does worse than coconut: −"))
  }

  @Test func reportsAreFunctionsOfTheFolder() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/x"
    let run = try Command(
      "compare", "pipelines/direct.lua", "pipelines/foreign_latents.lua", "-d", "prosqa", "--limit",
      "20", "--baseline", "foreign_latents", "--out", out, "--warmup", "2")
    #expect(run.status == 0, "\(run.errors)")
    let reports = try ["txt", "md", "csv", "json"].map { format in
      let report = try Command("report", out, "--format", format)
      #expect(report.status == 0, "\(report.errors)")
      return report.output
    }
    #expect(reports[0] == run.output)
    #expect(
      reports[1].hasPrefix("| recipe ")
        && reports[1].contains("\n- direct and foreign_latents cannot"))
    #expect(reports[2].split(separator: "\n").count == 3)
    #expect(
      reports[3] == (try String(contentsOfFile: out + "/comparison.json", encoding: .utf8)))
    let shown = try Command("show", out)
    #expect(
      shown.status == 0 && shown.output.contains("\nforeign_latents\nrecipe    foreign_latents"))
    let sample = try Command("show", out, "--sample", "prosqa/3")
    #expect(sample.output.components(separatedBy: "\"id\": \"prosqa/3\"").count == 3)
    let file = folder.path + "/report.md"
    let written = try Command("report", out + "/direct", out + "/foreign_latents", "-o", file)
    #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("Δ to direct"))
    // Runs of one name in two comparisons are told apart by the names of those.
    let copy = folder.path + "/y"
    try FileManager.default.copyItem(atPath: out, toPath: copy)
    let both = try Command("report", out, copy, "--baseline", "y/foreign_latents")
    #expect(
      both.status == 0 && both.output.contains("\nx/foreign_latents and y/foreign_latents"),
      "\(both.errors)")
    try folder.write("{}".utf8, to: "y/comparison.json")
    let damaged = try Command("report", copy)
    #expect(damaged.status == 1 && damaged.errors.contains("'baseline'"))
  }

  @Test func runsOfTwoComparisonsAreToldApart() throws {
    let folder = try TemporaryFolder()
    let outs = ["x", "y"].map { folder.path + "/" + $0 }
    for out in outs {
      let run = try Command(
        "compare", "pipelines/direct.lua", "pipelines/pause.lua", "-d", "prosqa", "--limit", "3",
        "-q", "--out", out)
      #expect(run.status == 0, "\(run.errors)")
    }
    let report = try Command(["report", "--format", "csv"] + outs)
    #expect(report.status == 0, "\(report.errors)")
    #expect(
      report.output.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
        == ["x/direct", "x/pause", "y/direct", "y/pause"])
    let twice = try Command("report", outs[0], folder.path + "/./x//direct")
    #expect(twice.status == 64 && twice.errors.contains("is given twice"))
    let exported = try Command("export", outs[0])
    #expect(exported.status == 1 && exported.errors.contains("its runs: \(outs[0])/direct, "))
  }

  @Test(arguments: ["manifest.json", "comparison.json"])
  func runsAreNotCalledAsTheFilesBesideThem(name: String) throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline { name = "\(name)", model = "prosqa", tacit.prompt {}, tacit.generate {} }
      """
    try folder.write(recipe.utf8, to: "x.lua")
    let run = try Command(
      "compare", "pipelines/direct.lua", folder.path + "/x.lua", "-d", "prosqa", "--limit", "1",
      "--out", folder.path + "/x")
    #expect(run.status == 1 && run.errors.contains("rename the recipe"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/x"))
  }

  @Test func misuseIsNamed() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/x"
    func compare(_ arguments: String...) throws -> Command {
      try Command(["compare", "-d", "prosqa", "--limit", "3", "--out", out, "-q"] + arguments)
    }
    let lone = try compare("pipelines/direct.lua")
    #expect(lone.status == 64 && lone.errors.contains("at least two recipes"))
    let (direct, pause) = ("pipelines/direct.lua", "pipelines/pause.lua")
    let baseline = try compare(direct, pause, "--baseline", "x")
    #expect(baseline.status == 64 && baseline.errors.contains("the runs are direct, pause"))
    #expect(!FileManager.default.fileExists(atPath: out))
    #expect(try compare(direct, pause).status == 0)
    let other = try compare(direct, "pipelines/coconut.lua")
    #expect(other.status == 1 && other.errors.contains("comparison.coconut: absent →"))
    let seed = try compare(direct, pause, "--seed", "7")
    #expect(seed.status == 1 && seed.errors.contains("direct: seed: \"0\" → \"7\""))
    let twice = try Command("report", out, out + "/direct")
    #expect(twice.status == 64 && twice.errors.contains("is given twice"))
    let format = try Command("report", out, "-o", folder.path + "/report.xyz")
    #expect(format.status == 64 && format.errors.contains("--format"))
    let nowhere = try Command("report", out, "-o", folder.path + "/none/report.md")
    #expect(nowhere.status == 1 && nowhere.errors.contains("none/report.md"))
  }

  /// A disk that fills up: a limit on the size of files refuses to write just as it does.
  @Test func fullDiskLosesNothing() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/x"
    let arguments = [
      "compare", "pipelines/direct.lua", "pipelines/pause.lua", "-d", "prosqa", "-q", "--out", out,
    ]
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    // In units of 1 KiB; the signal that a write beyond it raises is ignored.
    process.arguments =
      ["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "bash", Command.binary] + arguments
    process.currentDirectoryURL = URL(filePath: Command.root)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(text.contains("samples.jsonl: expected to write") && text.contains("File too large"))
    for label in ["direct", "pause"] {
      let lines = try String(contentsOfFile: "\(out)/\(label)/samples.jsonl", encoding: .utf8)
      #expect(lines.count > 30_000 && lines.hasSuffix("}\n"))
    }
    let again = try Command(arguments)
    #expect(again.status == 0 && again.output.contains("direct"), "\(again.errors)")
  }

  @Test func foldersThatCannotBeMadeAreNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write("x".utf8, to: "file")
    let run = try Command(
      "compare", "pipelines/direct.lua", "pipelines/pause.lua", "-d", "prosqa", "-q", "--out",
      folder.path + "/file/x")
    #expect(run.status == 1 && run.errors.contains("file/x") && run.errors.contains("folder"))
  }

  /// A manifest of a newer program is refused, and nothing in the folder changes.
  @Test func newerFoldersAreLeftAlone() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/x"
    let arguments = [
      "compare", "pipelines/direct.lua", "pipelines/pause.lua", "-d", "prosqa", "--limit", "3",
      "-q", "--out", out,
    ]
    #expect(try Command(arguments).status == 0)
    let path = out + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
      .replacingOccurrences(of: "\"schema\": 1", with: "\"schema\": 99")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    for command in [try Command(arguments), try Command("report", out)] {
      #expect(command.status == 1 && command.errors.contains("schema 99"))
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }
}
