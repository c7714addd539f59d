import FoundationEssentials
import TacitTesting

@testable import TacitReasoning
@testable import TacitRecipe

/// The tiny model that all recipes of these tests run on.
let testModel = Result { try Fixtures.reasoningModel("gpt2") }

/// Tokens that a state of ``makeState(question:sample:)`` may emit.
let testTokenBudget = 100

/// The state of a sample before any stage; the answer within a text is its last word.
func makeState(question: String = "2+2?", sample: String = "test/0") throws -> ReasoningState {
  ReasoningState(
    SampleRuntime(
      models: ReasoningModels(main: try testModel.get()),
      sample: SampleInput(name: sample, question: question),
      options: RunOptions(answer: { $0.split(separator: " ").last.map(String.init) }),
      budget: Budget(tokens: testTokenBudget)))
}

extension ReasoningState {
  /// What the recipe finished with; nil while the pipeline goes on.
  var finished: String? { isFinished ? text : nil }
}

/// Loads a recipe given as text, as file "r.lua" of a folder of its own.
func loadText(
  _ text: String, registry: PluginRegistry = testRegistry, limits: LuaLimits = .standard
) throws -> Recipe {
  let folder = try TemporaryFolder()
  try folder.write(text.utf8, to: "r.lua")
  return try RecipeLoader.load(
    path: "\(folder.path)/r.lua", registry: registry, limits: limits)
}
