import TacitJSON
import TacitTrain

extension RecipeStubs {
  /// `tacit.training` with a class for each table of its settings.
  static var training: String {
    classes("tacit.TrainingOptions", TrainingSettings.specification) + """

      ---A number, or one that changes over the share of the run that is done.
      ---@alias tacit.Schedule number|number[][]|{ knots: number[][], curve?: "linear"|"cosine"|"step" }

      ---How a model is trained; run it with `tacit train`.
      ---@param options tacit.TrainingOptions
      ---@return tacit.Training
      function tacit.training(options) end

      """
  }

  /// The class of a table, after those of the tables in it.
  private static func classes(_ name: String, _ settings: [SettingSpecification]) -> String {
    var inner = ""
    var lines = ["---@class (exact) \(name)"]
    for setting in settings {
      let below = name.replacing("Options", with: "") + camelCase(setting.name)
      switch setting.kind {
      case .table(let settings), .tables(let settings): inner += classes(below, settings) + "\n"
      default: break
      }
      lines.append(field(setting, below: below))
    }
    return inner + lines.joined(separator: "\n") + "\n"
  }

  private static func field(_ setting: SettingSpecification, below: String) -> String {
    let name = setting.isRequired ? setting.name : setting.name + "?"
    let fallback = setting.defaultValue.flatMap(literal).map { " Default \($0)." } ?? ""
    return "---@field \(name) \(type(setting.kind, below)) \(oneLine(setting.summary))\(fallback)"
  }

  private static func type(_ kind: SettingSpecification.Kind, _ below: String) -> String {
    switch kind {
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .choice(let names): names.map(quoted).joined(separator: "|")
    case .integers: "integer[]"
    case .schedule: "tacit.Schedule"
    case .table: below
    case .tables: below + "[]"
    }
  }

  /// A default in Lua; nil for tables, whose fields have defaults of their own.
  private static func literal(_ value: JSON) -> String? {
    switch value {
    case .integer(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .string(let value): quoted(value)
    case .array(let values):
      values.isEmpty ? "{}" : "{ \(values.compactMap(literal).joined(separator: ", ")) }"
    default: nil
    }
  }
}
