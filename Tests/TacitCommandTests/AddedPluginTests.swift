import Foundation
import TacitJSON
import TacitTesting
import Testing

/// A reader adds a refiner: one file in a folder of its own, and nothing else changes.
@Suite(.serialized) struct AddedPluginTests {
  static let refiner = """
    import TacitReasoning

    /// Scales every thought.
    struct HalvingRefiner: Refiner, RefinerSpan {
      static let about = About("Scales every thought.", source: "Tacit", fidelity: .faithful)

      @Option("What a thought is multiplied by; 1 changes nothing.", 0...2) var factor = 0.5

      func refine(_ row: [Float], _ thought: Thought) -> [Float] {
        row.map { $0 * Float(factor) }
      }
    }

    """

  static let package = Result {
    try AddedPackage(adding: "Halving/HalvingRefiner.swift", text: refiner)
  }

  /// Coconut with options of its own.
  static func recipe(_ options: String) -> String {
    """
    local tacit = require "tacit"
    return tacit.pipeline {
      name = "halved",
      model = "prosqa",
      tacit.prompt {},
      tacit.coconut {
        latent_steps = 2,
        \(options)
      },
      tacit.generate { prefix = "###", max_new_tokens = 8 },
    }
    """
  }

  @Test func isListed() throws {
    let package = try Self.package.get()
    let list = try package.run("list", "stages")
    #expect(list.output.contains("\nhalving "), "\(list.errors)")
    let description = try package.run("list", "stages", "halving").output
    #expect(description.contains("halving: Scales every thought."))
    let option = try #require(description.split(separator: "\n").last)
    for part in ["factor ", " 0.5 ", "What a thought is multiplied by; 1 changes nothing."] {
      #expect(option.contains(part), "\(description)")
    }
  }

  /// The generated stubs gain lines and lose none.
  @Test func hasStubs() throws {
    let stubs = try Self.package.get().run("stubs")
    #expect(stubs.output.contains("\nfunction tacit.halving(options) end\n"))
    #expect(stubs.output.contains("---@field factor? number What a thought is multiplied by;"))
    let shipped = try String(
      contentsOfFile: Command.root + "/pipelines/types/tacit.lua", encoding: .utf8)
    let change = stubs.output.split(separator: "\n", omittingEmptySubsequences: false)
      .difference(from: shipped.split(separator: "\n", omittingEmptySubsequences: false))
    #expect(change.removals.isEmpty && change.insertions.count == 10, "\(change)")
  }

  @Test func recipesAreChecked() throws {
    let package = try Self.package.get()
    let folder = try TemporaryFolder()
    func check(_ options: String) throws -> Command {
      try folder.write(Self.recipe(options).utf8, to: "halved.lua")
      return try package.run("check", folder.path + "/halved.lua")
    }
    let right = try check("refine = { tacit.halving { factor = 0.25 } },")
    #expect(right.status == 0 && right.output.contains("halved.lua: ok"), "\(right.errors)")
    let misspelt = try check("refine = { tacit.halving { facter = 0.25 } },")
    #expect(misspelt.status == 1)
    let message = "halved.lua:8: unknown option 'facter' for refiner 'halving'"
    let hint = "did you mean 'factor'?"
    #expect(misspelt.errors.contains(message) && misspelt.errors.contains(hint))
    let tooMuch = try check("refine = { tacit.halving { factor = 3 } },")
    #expect(tooMuch.status == 1 && tooMuch.errors.contains("halved.lua:8: option 'factor'"))
    let unknown = try check("refine = { tacit.halvin {} },")
    #expect(unknown.status == 1 && unknown.errors.contains("halving"), "\(unknown.errors)")
  }

  @Test func runs() throws {
    let package = try Self.package.get()
    let folder = try TemporaryFolder()
    func run(_ options: String) throws -> (thoughts: [[Float]], result: JSON) {
      try folder.write(Self.recipe(options).utf8, to: "halved.lua")
      let command = try package.run(
        "run", folder.path + "/halved.lua", "--json", "--trace-vectors", "-q",
        RunCommandTests.question)
      var object = try #require(try command.json.object, "\(command.errors)")
      object["seconds"] = nil
      let steps = try #require(object["trace"]?.array).filter { $0["kind"] == "latent" }
      let vectors = steps.map { $0["vector"]?.array?.compactMap(\.number).map { Float($0) } ?? [] }
      return (vectors, .object(object))
    }
    let plain = try run("")
    #expect(plain.thoughts.count == 2 && plain.thoughts[0].count == 128)
    #expect(try run("refine = { tacit.halving { factor = 1 } },").result == plain.result)
    let halved = try run("refine = { tacit.halving {} },")
    #expect(halved.thoughts[0] == plain.thoughts[0].map { $0 / 2 })
    #expect(halved.thoughts[1] != plain.thoughts[1].map { $0 / 2 })
    #expect(halved.result["counts"] == plain.result["counts"])
  }
}
