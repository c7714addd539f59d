import ArgumentParser
import Foundation
import TacitReasoning
import TacitRecipe
import TacitStrategies

/// Writes the editor stubs of the recipe language.
struct StubsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stubs",
    abstract: "Print the LuaLS definitions of the recipe language, made from the registry.",
    discussion: """
      EXAMPLES
        tacit stubs > pipelines/types/tacit.lua
        tacit stubs --check pipelines/types/tacit.lua
      """)

  @Option(help: "Compare with this file in place of printing; exit 1 when it is stale.")
  var check: String?

  func run() throws {
    let text = RecipeStubs.render(try .builtIn())
    guard let check else {
      try StandardStreams.writeOutput(text)
      return
    }
    let present = try? String(contentsOfFile: check, encoding: .utf8)
    guard present == text else {
      let fault = present == nil ? "cannot be read" : "differs from the registry"
      StandardStreams.writeError("\(check): \(fault)\n  to write it: tacit stubs > \(check)")
      throw ExitCode.failure
    }
  }
}
