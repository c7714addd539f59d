import TacitReasoning
import TacitTrain

/// A recipe that was loaded and checked: what to run, and everything its text depended on.
///
/// The recipe's script state lives as long as one of its stages does.
public struct Recipe: Sendable {
  /// Path as the user gave it.
  public let path: String
  /// What the pipeline says apart from its stages.
  let settings: PipelineSettings
  /// Stages in order; sequences and nested pipelines are laid out flat.
  public let stages: [PipelineStage]
  /// Declared parameters, in the order of declaration.
  public let parameters: [RecipeParameter]
  /// Every file that was read, in the order of reading; the recipe itself is the first.
  public let files: [RecipeFile]
}

/// A recipe that was loaded, whatever it returned.
public enum LoadedRecipe: Sendable {
  case pipeline(Recipe)
  case training(TrainingRecipe)
}

/// A recipe that says how a model is trained.
public struct TrainingRecipe: Sendable {
  /// Path as the user gave it.
  public let path: String
  /// What is computed.
  public let settings: TrainingSettings
}

/// A parameter that a recipe declares with `tacit.param`.
public struct RecipeParameter: Sendable, Equatable {
  /// Name, as `-P name=value` spells it.
  public let name: String
  /// Value when the command line says nothing; a boolean, integer, number or string.
  public let defaultValue: OptionValue
  /// Value in this load.
  public let value: OptionValue
  /// What it does.
  public let summary: String
  /// Where it is declared.
  public let location: SourceLocation
}

/// A file that a recipe consists of.
public struct RecipeFile: Sendable, Equatable {
  /// Path, relative as the recipe's own path was.
  public let path: String
  /// Contents, for the hash of a run.
  public let bytes: [UInt8]
}

extension Recipe {
  /// Name of the pipeline, unique within a comparison.
  public var name: String { settings.name }

  /// Default model; nil when the recipe leaves it open.
  public var model: String? { settings.model }

  /// The stages as something that runs.
  public var pipeline: Pipeline {
    Pipeline(
      name: name, model: model, otherModels: settings.otherModels, budget: settings.budget,
      stages: stages)
  }
}
