import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTesting
import Testing

/// Steering vectors from a file of prompts to a steered answer, on the embedded model.
@Suite struct VectorsCommandTests {
  /// Three lines, one of them blank.
  static let twoPairs = """
    {"positive": "Every dumpus is a lempus. Is Tom a lempus?", "negative": "Tom is a dumpus."}

    {"positive": "Every yumpus is a wumpus. Is Bob a wumpus?", "negative": "Bob is a yumpus."}\r

    """

  /// Four lines.
  static let pairs =
    twoPairs + """
      {"positive": "Every rempus is a lempus. Is Bob a lempus?", "negative": "Bob is a rempus."}
      """

  static let plain = """
    local tacit = require "tacit"
    return tacit.pipeline {
      name = "steer",
      tacit.prompt {},
      tacit.generate { max_new_tokens = 256 },
    }
    """

  /// Makes `name` in the folder, of the pairs.
  @discardableResult
  static func make(
    _ name: String, in folder: TemporaryFolder, pairs: String = pairs, model: String = "prosqa"
  ) throws -> Command {
    try folder.write(pairs.utf8, to: "pairs.jsonl")
    let command = try Command(
      "vectors", folder.path + "/pairs.jsonl", "--model", model, "-o", folder.path + "/" + name)
    try #require(command.status == 0, "\(command.errors)")
    return command
  }

  static func steer(_ vectors: String?, alpha: Double, model: String = "prosqa") throws -> Command {
    let file = vectors.map { ["-P", "vectors=" + $0] } ?? []
    return try Command(
      ["run", "pipelines/steer.lua", "--json", "-q", RunCommandTests.question, "--model", model]
        + ["-P", "alpha=\(alpha)"] + file)
  }

  /// Everything but the time.
  static func result(_ command: Command) throws -> JSON {
    var object = try #require(try command.json.object, "\(command.errors)")
    object["seconds"] = nil
    return .object(object)
  }

  @Test func fromPromptsToAnswers() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/vectors.safetensors"
    let made = try Self.make("vectors.safetensors", in: folder)
    let report = try made.json
    #expect(report["file"] == .string(path) && report["pairs"] == 3 && report["layers"] == 2)
    let share = try #require(report["explained_variance"]?.number)
    #expect(share > 0.4 && share <= 1)
    let file = try ModuleFile(path: path)
    #expect(file.shape(of: "vectors") == [2, 128])
    #expect(file.metadata["model"] == "prosqa" && file.metadata["pairs"] == "3")
    try Self.make("again.safetensors", in: folder)
    #expect(try ModuleFile(path: folder.path + "/again.safetensors") == file)

    try folder.write(Self.plain.utf8, to: "plain.lua")
    let plain = try Self.result(
      try Command("run", folder.path + "/plain.lua", "--json", "-q", RunCommandTests.question))
    #expect(try Self.result(Self.steer(nil, alpha: 0)) == plain)
    #expect(try Self.result(Self.steer(path, alpha: 0)) == plain)
    let steered = try Self.result(Self.steer(path, alpha: 4))
    #expect(steered["token_ids"] != plain["token_ids"])
    #expect(try Self.result(Self.steer(path, alpha: -4))["token_ids"] != steered["token_ids"])
  }

  @Test func runsDependOnTheBytesOfTheFile() throws {
    let folder = try TemporaryFolder()
    let hashes = try [Self.pairs, Self.twoPairs].map { pairs in
      try Self.make("vectors.safetensors", in: folder, pairs: pairs)
      let out = "\(folder.path)/run-\(pairs.count)"
      let run = try Command(
        "eval", "pipelines/steer.lua", "-d", "prosqa", "--limit", "1", "-q", "--out", out, "-P",
        "alpha=0.5", "-P", "max_new_tokens=2", "-P", "vectors=\(folder.path)/vectors.safetensors")
      #expect(run.status == 0, "\(run.errors)")
      return try #require(try MappedFile(path: out + "/manifest.json").json()["hash"])
    }
    #expect(hashes[0] != hashes[1])
  }

  struct Fault: CustomTestStringConvertible {
    let lines: String
    let message: String
    var testDescription: String { message }
  }

  static let faults = [
    Fault(
      lines: "{\"positive\": \"Tom\", \"negative\": \"Bob\"}\n\nTom\n",
      message: "pairs.jsonl:3:1: expected JSON, found: "),
    Fault(
      lines: "{\"positive\": \"Tom\"}\n",
      message: "pairs.jsonl:1: expected an object with a text under 'negative', found none"),
    Fault(
      lines: "\n{\"positive\": 3, \"negative\": \"Bob\"}\n",
      message: "pairs.jsonl:2: expected an object with a text under 'positive', found "),
    Fault(
      lines: "[]\n",
      message: "pairs.jsonl:1: expected an object with a text under 'positive', found "),
    Fault(
      lines: "{\"positive\": \"Tom\", \"negative\": \"Bob\"}\n",
      message: "pairs.jsonl: expected two pairs of prompts or more, found 1"),
    Fault(lines: "", message: "pairs.jsonl: expected two pairs of prompts or more, found 0"),
    Fault(
      lines: pairs + "\n{\"positive\": \"Tom\", \"negative\": \"\"}\n",
      message: "pairs.jsonl:5: expected prompts of 1 to "),
    Fault(
      lines: pairs + "\n{\"positive\": \"Tom \", \"negative\": \"Tom \"}\n",
      message: "pairs.jsonl:5: expected prompts that differ, found the same tokens twice"),
    Fault(
      lines: pairs + "\n{\"positive\": \"\(String(repeating: "Tom ", count: 2000))\", "
        + "\"negative\": \"Tom\"}\n",
      message: "pairs.jsonl:5: expected prompts of 1 to "),
  ]

  @Test(arguments: faults) func faultsHaveAPlace(fault: Fault) throws {
    let folder = try TemporaryFolder()
    try folder.write(fault.lines.utf8, to: "pairs.jsonl")
    let command = try Command(
      "vectors", folder.path + "/pairs.jsonl", "-o", folder.path + "/vectors.safetensors")
    #expect(command.status == 1 && command.output.isEmpty)
    #expect(command.errors.contains(folder.path + "/" + fault.message), "\(command.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pairs.jsonl"])
  }

  /// Bytes that are no text are not read as something else.
  @Test func otherEncodings() throws {
    let folder = try TemporaryFolder()
    let line = Array("{\"positive\": \"Tom".utf8) + [0xE9] + Array("\", \"negative\": \"\"}".utf8)
    try folder.write(line, to: "pairs.jsonl")
    let command = try Command(
      "vectors", folder.path + "/pairs.jsonl", "-o", folder.path + "/vectors.safetensors")
    #expect(command.status == 1 && command.errors.contains("pairs.jsonl:1:"), "\(command.errors)")
  }

  @Test func placesThatAreNotThere() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.pairs.utf8, to: "pairs.jsonl")
    let pairs = folder.path + "/pairs.jsonl"
    let missing = try Command("vectors", folder.path + "/no.jsonl", "-o", folder.path + "/v")
    #expect(missing.status == 1 && missing.errors.contains(folder.path + "/no.jsonl: expected"))
    for output in ["/no/such/folder/v.safetensors", folder.path] {
      let unwritable = try Command("vectors", pairs, "-o", output)
      #expect(unwritable.status == 1 && unwritable.errors.contains(output + ":"))
      #expect(!unwritable.errors.contains("reading"))
    }
    #expect(try Command("vectors", pairs).status == 64)
    let chat = try Command("vectors", pairs, "--chat", "-o", folder.path + "/v")
    #expect(chat.status == 1 && chat.errors.contains("leave --chat out"), "\(chat.errors)")
  }

  @Test func vectorsOfAnotherModel() throws {
    let folder = try TemporaryFolder()
    let lines = ["the cat", "a mat", "on a mat"].map {
      "{\"positive\": \"\($0) sat\", \"negative\": \"\($0)\"}"
    }
    let path = folder.path + "/vectors.safetensors"
    let gpt2 = Fixtures.model("gpt2")
    try Self.make(
      "vectors.safetensors", in: folder, pairs: lines.joined(separator: "\n"), model: gpt2)
    #expect(try Self.steer(path, alpha: 1, model: gpt2).status == 0)
    let shape = try #require(try ModuleFile(path: path).shape(of: "vectors"))
    let other = try Self.steer(path, alpha: 1)
    #expect(other.status == 1 && other.output.isEmpty)
    #expect(
      other.errors.contains("\(path): tensor 'vectors': expected shape [2, 128]"),
      "\(other.errors)")
    #expect(other.errors.contains("found \(shape)"), "\(other.errors)")
  }

  /// A name leads to the recipe's folder and to the current one; where both have it, to neither.
  @Test func twoFilesOfOneName() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "steer",
        tacit.steer { alpha = 1, vectors = "vectors.safetensors" },
        tacit.prompt {},
        tacit.generate { max_new_tokens = 4 },
      }
      """
    let recipes = folder.path + "/recipes"
    try FileManager.default.createDirectory(
      atPath: recipes, withIntermediateDirectories: false)
    try folder.write(recipe.utf8, to: "recipes/steer.lua")
    func run() throws -> Command {
      try Command(
        ["run", "recipes/steer.lua", "--json", "-q", RunCommandTests.question], in: folder.path)
    }
    let none = try run()
    let places = "recipes/vectors.safetensors or vectors.safetensors"
    #expect(none.status == 1 && none.errors.contains("recipes/steer.lua:4: option 'vectors' of"))
    #expect(none.errors.contains("\(places): expected the path of"), "\(none.errors)")

    try Self.make("vectors.safetensors", in: folder)
    let here = try Self.result(run())
    try FileManager.default.copyItem(
      atPath: folder.path + "/vectors.safetensors", toPath: recipes + "/vectors.safetensors")
    #expect(try Self.result(run()) == here)

    try Self.make("vectors.safetensors", in: folder, pairs: Self.twoPairs)
    let both = try run()
    #expect(both.status == 1 && both.output.isEmpty)
    #expect(both.errors.contains("recipes/steer.lua:4: option 'vectors' of"), "\(both.errors)")
    #expect(both.errors.contains("one file of the name"), "\(both.errors)")
    #expect(both.errors.contains("give the whole path"), "\(both.errors)")
    try FileManager.default.removeItem(atPath: folder.path + "/vectors.safetensors")
    #expect(try Self.result(run()) == here)
  }
}
