import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitModel
import TacitReasoning
import TacitTensor

/// Which model to use and how many threads.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      Folder with config.json, an embedded model, or org/name[@revision] in the Hugging Face \
      cache. Default: what the recipe says, else prosqa.
      """)
  var model: String?

  @Option(name: .shortAndLong, help: "Threads of the runtime. Default: all cores.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected 1 to 1024, found \(threads)")
    }
  }

  /// Loads the model that the command line, the recipe or the default names.
  func load(recipeModel: String?, scheduler: Scheduler) throws -> ReasoningModel {
    if let threads { Threads.setCount(threads) }
    let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
    let located = try locator.locate(model ?? recipeModel ?? "prosqa")
    return try ReasoningModel(located, scheduler: scheduler)
  }
}

/// Values for the parameters of a recipe.
struct ParameterOptions: ParsableArguments {
  @Option(
    name: [.customShort("P"), .customLong("param")],
    help: ArgumentHelp(
      "Sets a parameter of the recipe; may be repeated.", valueName: "name=value"))
  var assignments: [String] = []

  /// The values by name.
  /// - Throws: `ValidationError` for text without `=` or a name given twice.
  func values() throws -> [String: String] {
    var values: [String: String] = [:]
    for assignment in assignments {
      guard let split = assignment.firstIndex(of: "="), split > assignment.startIndex else {
        throw ValidationError("-P: expected name=value, found '\(assignment)'")
      }
      let name = String(assignment[..<split])
      guard values[name] == nil else {
        throw ValidationError("-P: parameter '\(name)' is given twice")
      }
      values[name] = String(assignment[assignment.index(after: split)...])
    }
    return values
  }
}
