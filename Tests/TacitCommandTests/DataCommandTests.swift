import Foundation
import TacitTesting
import Testing

@Suite struct DataCommandTests {
  @Test func largerCountsBeginWithTheSmaller() throws {
    let few = try Command("data", "arithmetic", "--count", "5", "--seed", "9", "--steps", "3")
    let many = try Command("data", "arithmetic", "--count", "8", "--seed", "9", "--steps", "3..3")
    #expect(few.status == 0 && few.output.split(separator: "\n").count == 5)
    #expect(many.output.hasPrefix(few.output))
    let other = try Command("data", "arithmetic", "--count", "5", "--seed", "8", "--steps", "3")
    #expect(other.output != few.output)
  }

  @Test func filesAreDatasets() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/made.json"
    #expect(try Command("data", "prosqa", "--count", "12", "-o", file).status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["made.json"])
    let written = try String(contentsOfFile: file, encoding: .utf8)
    #expect(try Command("data", "prosqa", "--count", "12").output == written)
    let listing = try Command("list", "datasets", file)
    #expect(listing.output.contains("made") && listing.output.contains("prosqa.strict"))
    // Pinned: problems of a seed are part of what results refer to.
    let question = try Command("list", "datasets", file, "--sample", "11").output
    #expect(question.hasSuffix("Is Max a lorpus or grimpus?\n"), "\(question)")
  }

  @Test(arguments: [
    ["prosqa"], ["prosqa", "--count", "0"], ["arithmetic", "--count", "1", "--steps", "4..2"],
    ["arithmetic", "--count", "1", "--steps", "0"], ["arithmetic", "--count", "1", "--steps", "x"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let command = try Command(["data"] + arguments)
    #expect(command.status == 64 && command.output.isEmpty)
  }

  @Test func placesThatCannotBeWritten() throws {
    let missing = try Command("data", "prosqa", "--count", "1", "-o", "/no/such/file.json")
    #expect(missing.status == 1 && missing.errors.contains("/no/such/file.json"))
    let folder = try TemporaryFolder()
    let taken = try Command("data", "prosqa", "--count", "1", "-o", folder.path)
    #expect(taken.status == 1 && taken.errors.contains("regular file"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + ".tmp"))
    // A rename would replace the link and not what it leads to, be it /dev/stdout.
    let (file, link) = (folder.path + "/file", folder.path + "/link")
    try folder.write("old".utf8, to: "file")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    let linked = try Command("data", "prosqa", "--count", "1", "-o", link)
    #expect(linked.status == 1 && linked.errors.contains("regular file"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
  }

  @Test func scorersAreListed() throws {
    let listing = try Command("list", "scorers")
    for name in ["math.strict", "choice.native", "yesno", "gsm8k.native"] {
      #expect(listing.output.contains("\n\(name) "))
    }
  }
}
