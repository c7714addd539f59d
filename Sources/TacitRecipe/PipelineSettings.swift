import TacitFault
import TacitReasoning

/// What `tacit.pipeline` says apart from its stages.
struct PipelineSettings: Sendable {
  static let keys = ["name", "model", "models", "budget"]

  let name: String
  let model: String?
  let otherModels: [String: String]
  let budget: Budget

  /// - Throws: `Fault` for values of another kind.
  init(name: String, options: [String: LuaValue]) throws {
    self.name = name
    var models = try Self.models(options["models"], name)
    if let value = options["model"] {
      if models["main"] != nil {
        throw Fault(message: "pipeline '\(name)': give 'model' or 'models.main', not both")
      }
      models["main"] = try Self.modelName(value, "model", name)
    }
    model = models.removeValue(forKey: "main")
    otherModels = models
    budget = try Self.budget(options["budget"], name)
  }

  private static func modelName(
    _ value: LuaValue, _ option: String, _ name: String
  ) throws -> String {
    guard let text = value.string, !text.isEmpty else {
      throw Fault(
        message: "option '\(option)' of pipeline '\(name)': expected a model id or path, got "
          + value.described)
    }
    return text
  }

  private static func models(_ value: LuaValue?, _ name: String) throws -> [String: String] {
    guard let value else { return [:] }
    guard case .table(let table) = value, table.positional.isEmpty else {
      throw Fault(
        message:
          "option 'models' of pipeline '\(name)': expected models by role, got \(value.described)",
        hint: "for example models = { main = \"a\", strong = \"b\" }")
    }
    var models: [String: String] = [:]
    for (role, value) in table.named {
      models[role] = try modelName(value, "models.\(role)", name)
    }
    return models
  }

  private static func budget(_ value: LuaValue?, _ name: String) throws -> Budget {
    guard let value else { return Budget() }
    let keys = ["positions", "tokens"]
    guard case .table(let table) = value, table.positional.isEmpty else {
      throw Fault(
        message: "option 'budget' of pipeline '\(name)': expected a table, got \(value.described)",
        hint: "for example budget = { positions = 1000, tokens = 200 }")
    }
    if let unknown = table.named.keys.filter({ !keys.contains($0) }).min() {
      throw Fault(
        message: "unknown option '\(unknown)' for the budget of pipeline '\(name)'",
        hint: Suggestion(names: keys, noun: "options").hint(for: unknown))
    }
    func limit(_ key: String) throws -> Int? {
      guard let value = table.named[key] else { return nil }
      guard case .integer(let limit) = value, limit >= 0 else {
        throw Fault(
          message:
            "option 'budget.\(key)' of pipeline '\(name)': expected an integer of 0 or more, got "
            + value.described)
      }
      return limit
    }
    return Budget(positions: try limit("positions"), tokens: try limit("tokens"))
  }
}
