import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTesting
import Testing

/// Small checkpoints as people have them, each with what transformers 5.24.0 makes of it.
@Suite struct CheckpointCaseTests {
  /// The folders below Fixtures/cases, by name.
  static let cases: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: Fixtures.folder + "/cases")) ?? [])
    .sorted()

  /// Ids that the tokens of a prompt are, and greedy tokens after them.
  static let recipe = """
    local tacit = require "tacit"
    return tacit.pipeline {
      name = "ids",
      tacit.prompt {
        token_ids = {
          39, 79, 121, 154, 189, 226, 265, 16, 48, 82, 118, 156, 196, 238, 271, 16,
          53, 92, 133, 165, 199, 235, 273, 23, 65, 98, 133, 170, 209, 250, 282, 26,
        },
      },
      tacit.generate { max_new_tokens = 12, ignore_eos = true },
    }
    """

  @Test func thereAreCases() { #expect(Self.cases.count > 10) }

  @Test(arguments: cases) func isReadAsTransformersDoes(name: String) throws {
    let folder = Fixtures.folder + "/cases/" + name
    let expected = try MappedFile(path: folder + "/case.json").json()
    if let ids = expected["ids"] {
      let input = try String(contentsOfFile: folder + "/input.jsonl", encoding: .utf8)
      let run = try Command("tokenize", folder, input: input)
      #expect(run.status == 0, "\(run.errors)")
      let lines = try run.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(lines.compactMap { $0["ids"] } == ids.array)
    } else {
      let scratch = try TemporaryFolder()
      try scratch.write(Self.recipe.utf8, to: "ids.lua")
      let run = try Command("run", scratch.path + "/ids.lua", "-m", folder, "-q", "x", "--json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(try run.json["token_ids"] == expected["token_ids"])
    }
  }
}
