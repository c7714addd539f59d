import TacitFault
import TacitReasoning
import TacitRecipe
import Testing

/// What `tacit.pipeline` says apart from its stages.
@Suite struct PipelineSettingsTests {
  private func load(_ options: String) throws -> Pipeline {
    let text = """
      local tacit = require "tacit"
      return tacit.pipeline { name = "x", \(options), tacit.prompt {} }
      """
    return try loadText(text).pipeline
  }

  @Test func modelsByRoleAndBudget() throws {
    let pipeline = try load(
      #"models = { main = "a", strong = "b" }, budget = { positions = 9, tokens = 2 }"#)
    #expect(pipeline.model == "a" && pipeline.otherModels == ["strong": "b"])
    #expect(pipeline.budget == Budget(positions: 9, tokens: 2))
    let plain = try load(#"model = "a""#)
    #expect(plain.model == "a" && plain.otherModels.isEmpty && plain.budget == Budget())
  }

  static let faults: [(options: String, words: String)] = [
    (#"model = """#, "option 'model' of pipeline 'x': expected a model id or path"),
    (#"model = "a", models = { main = "b" }"#, "give 'model' or 'models.main', not both"),
    (#"models = "a""#, "expected models by role"),
    (#"models = { "a" }"#, "expected models by role"),
    ("models = { strong = 3 }", "option 'models.strong'"),
    ("budget = 7", "expected a table"),
    ("budget = { token = 7 }", "did you mean 'tokens'"),
    ("budget = { tokens = -1 }", "expected an integer of 0 or more"),
  ]

  @Test(arguments: faults) func fault(options: String, words: String) {
    let error = #expect(throws: Fault.self) { try load(options) }
    #expect(error?.line == 2)
    #expect("\(error.map { "\($0)" } ?? "")".contains(words))
  }
}
