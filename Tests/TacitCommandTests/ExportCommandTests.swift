import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite struct ExportCommandTests {
  @Test func exportedRunsAreShownWithoutCosts() throws {
    let folder = try TemporaryFolder()
    let (run, log) = (folder.path + "/run", folder.path + "/samples_prosqa.jsonl")
    let evaluated = try Command(
      "eval", "pipelines/direct.lua", "-d", "prosqa", "--limit", "12", "-q", "--out", run)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let piped = try Command("export", run)
    let written = try Command("export", run, "-o", log)
    #expect(piped.status == 0 && written.status == 0 && written.output.isEmpty)
    #expect(try String(contentsOfFile: log, encoding: .utf8) == piped.output)
    // Two rules by twelve samples.
    #expect(piped.output.count { $0 == "\n" } == 24)

    let refused = try Command("export", run, "-o", folder.path)
    #expect(refused.status == 1 && refused.errors.contains("a regular file"))
    let begun = folder.path + "/begun"
    try FileManager.default.copyItem(atPath: run, toPath: begun)
    try folder.write("".utf8, to: "begun/samples.jsonl")
    let empty = try Command("export", begun, "-o", log + ".empty")
    #expect(empty.status == 1 && empty.errors.contains("a line to export"))
    #expect(!FileManager.default.fileExists(atPath: log + ".empty"))

    let shown = try Command("show", log)
    let row = shown.output.split(separator: "\n").last.map { $0.split(separator: " ") } ?? []
    #expect(row.count == 11 && row.suffix(8).allSatisfy { $0 == "—" })
    let accuracy = evaluated.output.split(separator: "\n").last?.split(separator: " ")[1]
    #expect(accuracy != nil && row.dropFirst().first == accuracy)
    let report = try Command("report", run, log, "--format", "md", "-o", log + ".md")
    #expect(report.status == 0, "\(report.errors)")
    #expect(
      try String(contentsOfFile: log + ".md", encoding: .utf8).contains("cannot be told apart"))
    let sample = try Command("show", log, "--sample", "prosqa/3").json
    #expect(sample["positions"] == .null && sample["id"] == "prosqa/3")
    let rule = try Command("show", log + "?scorer=native")
    #expect(rule.status == 0 && rule.output.contains("samples_prosqa"))
    let unknown = try Command("show", log + "?scorer=exact")
    #expect(unknown.status == 1 && unknown.errors.contains("strict, native"))
  }
  /// A device in whose place a file would be put, as `-o /dev/stdout` can name, stays.
  @Test func onlyFilesAreReplaced() throws {
    let folder = try TemporaryFolder()
    let (out, link) = (folder.path + "/x", folder.path + "/link")
    let compared = try Command(
      "compare", "pipelines/direct.lua", "pipelines/pause.lua", "-d", "prosqa", "--limit", "2",
      "-q", "--out", out)
    #expect(compared.status == 0, "\(compared.errors)")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    let written = try Command("export", out + "/direct", "-o", link)
    #expect(written.status == 1 && written.errors.contains("found a folder, link or device"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    let comparison = try Command("export", out)
    #expect(comparison.status == 1 && comparison.errors.contains("the folder of a comparison"))
    try folder.write([], to: "x/direct/samples.jsonl")
    let empty = try Command("export", out + "/direct")
    #expect(empty.status == 1 && empty.errors.contains("found none"))
  }
}
