import TacitFault
import TacitReasoning
import TacitTrain

/// A plugin with its options as the recipe wrote them, checked but not yet bound to a state.
struct DraftPlugin: Sendable {
  enum Value: Sendable {
    case plain(OptionValue)
    case function(LuaFunction)
    case plugin(DraftPlugin)
    case plugins([DraftPlugin])
  }

  let manifest: PluginManifest
  let options: [String: Value]
  let location: SourceLocation

  /// The plugin as the registry makes it.
  ///
  /// Its functions keep the state alive; give nil where the state owns the plugin.
  func configured(holding state: LuaState?) -> ConfiguredPlugin {
    let values = options.mapValues { value -> OptionValue in
      switch value {
      case .plain(let value): value
      case .function(let function): .function(Self.recipeFunction(function, holding: state))
      case .plugin(let plugin): .plugin(plugin.configured(holding: state))
      case .plugins(let plugins): .plugins(plugins.map { $0.configured(holding: state) })
      }
    }
    return ConfiguredPlugin(manifest: manifest, options: values, location: location)
  }

  private static func recipeFunction(
    _ function: LuaFunction, holding state: LuaState?
  ) -> RecipeFunction {
    let location = function.location
    return RecipeFunction(identity: location.description) { arguments in
      let values = try withExtendedLifetime(state) {
        try function.call(arguments.map { LuaValue($0) })
      }
      guard let value = (values.first ?? .none).recipeValue else {
        throw Fault(
          location.file, line: location.line,
          message: "a function of an option returns plain data, not \(values[0].described)")
      }
      return value
    }
  }
}

/// A stage whose `run` is written in the recipe.
struct DraftScript: Sendable {
  let name: String
  let requires: Set<Capability>
  let provides: Set<Capability>
  let run: LuaFunction
  let location: SourceLocation
}

enum DraftStage: Sendable {
  case plugin(DraftPlugin)
  case script(DraftScript)
}

/// What constructors return to a recipe.
final class RecipePart: LuaObject, @unchecked Sendable {
  enum Content: Sendable {
    case stages([DraftStage])
    case pipeline(PipelineSettings, stages: [DraftStage])
    case feedback(DraftPlugin)
    case refiner(DraftPlugin)
    case training(TrainingSettings)

    var className: String {
      switch self {
      case .stages: "tacit.Stage"
      case .pipeline: "tacit.Pipeline"
      case .feedback: "tacit.Feedback"
      case .refiner: "tacit.Refiner"
      case .training: "tacit.Training"
      }
    }
  }

  static let classes = [
    "tacit.Stage", "tacit.Pipeline", "tacit.Feedback", "tacit.Refiner", "tacit.Training",
  ].map { LuaClass(name: $0) }

  let content: Content

  init(_ content: Content) {
    self.content = content
    super.init(className: content.className)
  }

  /// The stages it stands for; a pipeline is a stage too.
  var stages: [DraftStage]? {
    switch content {
    case .stages(let stages), .pipeline(_, let stages): stages
    case .feedback, .refiner, .training: nil
    }
  }
}

extension LuaValue {
  var part: RecipePart? {
    if case .object(let object) = self { object as? RecipePart } else { nil }
  }
}
