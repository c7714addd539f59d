import ArgumentParser
import TacitModel
import TacitReasoning
import TacitRecipe
import TacitStrategies

/// Loads recipes without weights and reports everything that is wrong with them.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Load recipes without running them and report what is wrong.",
    discussion: """
      With --model the recipe is also checked against that model, which is loaded for it.

      EXAMPLES
        tacit check pipelines/*.lua
        tacit check mine.lua --model prosqa -P latent_steps=4
      """)

  @Argument(help: "Recipes.")
  var recipes: [String]

  @OptionGroup var parameters: ParameterOptions
  @OptionGroup var modelOptions: ModelOptions

  func run() throws {
    var failures = 0
    let values = try parameters.values()
    let loader = modelOptions.model.map { _ in modelOptions.loader() }
    for path in recipes {
      do {
        let loaded = try RecipeLoader.loadAny(path: path, parameters: values, registry: .builtIn())
        switch loaded {
        case .pipeline(let recipe):
          _ = try loader?.models(for: recipe.pipeline)
          let stages = recipe.pipeline.stages.map(\.name).joined(separator: " → ")
          try StandardStreams.writeOutput("\(path): ok: \(stages)\n")
        case .training(let recipe):
          let settings = recipe.settings
          try StandardStreams.writeOutput(
            "\(path): ok: trains \(settings.name) for \(settings.stepCount) steps\n")
        }
      } catch let error as StandardStreams.WriteError {
        throw error
      } catch {
        failures += 1
        StandardStreams.writeError("\(error)")
      }
    }
    if failures > 0 { throw ExitCode.failure }
  }
}
