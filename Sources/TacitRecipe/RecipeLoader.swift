import TacitFault
import TacitReasoning

/// Reads recipes: runs the file in a sandbox and checks what it returns.
public enum RecipeLoader {
  /// Loads a recipe that returns a pipeline and checks it whole, before any weight is read.
  ///
  /// Modules are looked for in the recipe's own folder, then in `searchFolders`.
  /// - Parameters:
  ///   - path: the file, relative or absolute; messages spell it the same way.
  ///   - parameters: values for the recipe's parameters as the command line spells them.
  ///   - registry: the plugins that get constructors.
  ///   - searchFolders: further folders of modules.
  ///   - limits: bounds of the recipe's script state.
  ///   - log: receives what the recipe prints, each line with its place.
  /// - Returns: the recipe, ready to run on any sample.
  /// - Throws: `Fault` for what cannot be read, fails while loading or does not compose.
  public static func load(
    path: String, parameters: [String: String] = [:], registry: PluginRegistry,
    searchFolders: [String] = ["pipelines"], limits: LuaLimits = .standard,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> Recipe {
    let loaded = try loadAny(
      path: path, parameters: parameters, registry: registry, searchFolders: searchFolders,
      limits: limits, log: log)
    guard case .pipeline(let recipe) = loaded else {
      throw Fault(
        path, message: "a pipeline is needed here, this recipe returns a training",
        hint: "run it with: tacit train \(path)")
    }
    return recipe
  }

  /// Loads a recipe that returns a training.
  ///
  /// Parameters and errors are those of ``load(path:parameters:registry:searchFolders:limits:log:)``.
  public static func loadTraining(
    path: String, parameters: [String: String] = [:], registry: PluginRegistry,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> TrainingRecipe {
    let loaded = try loadAny(path: path, parameters: parameters, registry: registry, log: log)
    guard case .training(let recipe) = loaded else {
      throw Fault(
        path, message: "a training is needed here, this recipe returns a pipeline",
        hint: "end with: return tacit.training { name = \"…\", … }")
    }
    return recipe
  }

  /// Loads a recipe of either kind.
  ///
  /// Parameters and errors are those of ``load(path:parameters:registry:searchFolders:limits:log:)``.
  public static func loadAny(
    path: String, parameters: [String: String] = [:], registry: PluginRegistry,
    searchFolders: [String] = ["pipelines"], limits: LuaLimits = .standard,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> LoadedRecipe {
    let files = RecipeFiles(folders: folders(of: path, searchFolders))
    let declarations = RecipeParameters(given: parameters)
    let module = RecipeModule(registry: registry, parameters: declarations)
    let state = try LuaState(
      limits: limits,
      classes: RecipePart.classes + [RecipeVersion.definition] + StateHandle.classes(registry),
      resolve: { try files.module($0) }, print: log)
    try module.install(in: state)

    let values = try state.load(try files.read(path))
    files.close()
    module.close()
    try declarations.close(path: path)
    switch values.first?.part?.content {
    case .pipeline(let settings, let drafts)?:
      let stages = try drafts.map { try makeStage($0, state, registry) }
      try checkComposition(stages)
      return .pipeline(
        Recipe(
          path: path, settings: settings, stages: stages, parameters: declarations.declared,
          files: files.files))
    case .training(let settings)?:
      return .training(TrainingRecipe(path: path, settings: settings))
    default: throw notARecipe(values.first ?? .none, path)
    }
  }

  private static func folders(of path: String, _ further: [String]) -> [String] {
    let own = RecipeFiles.folder(of: path)
    return [own] + further.filter { $0 != own }
  }

  private static func notARecipe(_ value: LuaValue, _ path: String) -> Fault {
    let isStage = value.part?.stages != nil
    return Fault(
      path, message: "a recipe returns a pipeline, this one returns \(value.described)",
      hint: isStage
        ? "wrap it: return tacit.pipeline { name = \"…\", … }"
        : "end with: return tacit.pipeline { name = \"…\", … }")
  }

  private static func makeStage(
    _ draft: DraftStage, _ state: LuaState, _ registry: PluginRegistry
  ) throws -> PipelineStage {
    switch draft {
    case .script(let script):
      return PipelineStage(
        name: script.name, requires: script.requires, provides: script.provides,
        location: script.location, body: ScriptStage(script, state: state))
    case .plugin(let plugin):
      do {
        return try PipelineStage(plugin.configured(holding: state), registry: registry)
      } catch {
        throw Fault(plugin.location.file, line: plugin.location.line, message: "\(error)")
      }
    }
  }

  private static func checkComposition(_ stages: [PipelineStage]) throws {
    let faults = stages.compositionFaults()
    guard var fault = faults.first else { return try checkCandidates(stages) }
    fault.further = Array(faults.dropFirst())
    throw fault
  }

  /// Candidates of which none is chosen would leave an empty text.
  private static func checkCandidates(_ stages: [PipelineStage]) throws {
    guard let last = stages.lastIndex(where: { $0.provides.contains(.candidates) }),
      !stages[(last + 1)...].contains(where: { $0.requires.contains(.candidates) })
    else { return }
    let stage = stages[last]
    throw Fault(
      stage.location?.file ?? "", line: stage.location?.line,
      message: "stage '\(stage.name)' leaves candidates, of which no later stage takes one",
      hint: "add tacit.vote {} after it")
  }
}
