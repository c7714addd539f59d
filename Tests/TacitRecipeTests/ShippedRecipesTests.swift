import Foundation
import TacitModel
import TacitReasoning
import TacitRecipe
import TacitStrategies
import TacitTesting
import Testing

/// Every recipe of pipelines/ runs to its end on a tiny model.
@Suite struct ShippedRecipesTests {
  static let folder = URL(fileURLWithPath: Fixtures.folder).appending(path: "../../pipelines")
    .standardized.path

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".lua") }.sorted()

  /// A tiny model with markers, think tokens and a chat template of our own.
  private static let model = Result {
    let folder = try TemporaryFolder()
    let source = Fixtures.model("qwen3")
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      try FileManager.default.copyItem(
        atPath: source + "/" + name, toPath: folder.path + "/" + name)
    }
    try FileManager.default.copyItem(
      atPath: Fixtures.folder + "/chat/chatml.jinja", toPath: folder.path + "/chat_template.jinja")
    return try ReasoningModel(.init(name: "tiny", folder: folder.path), scheduler: Scheduler())
  }

  @Test func allAreThere() { #expect(Self.names.count >= 20) }

  @Test(arguments: names) func runsOnATinyModel(name: String) async throws {
    let recipe = try RecipeLoader.load(path: Self.folder + "/" + name, registry: .builtIn())
    let model = try Self.model.get()
    // Random weights never end a text; the budget does.
    let pipeline = Pipeline(
      name: recipe.name, otherModels: recipe.pipeline.otherModels,
      budget: Budget(positions: 6000, tokens: 40), stages: recipe.stages)
    let models = ReasoningModels(
      main: model, others: pipeline.otherModels.mapValues { _ in model })
    try pipeline.check(models)
    let completion = try await pipeline.run(
      SampleInput(name: "test/0", question: "The cat sat on a mat. Is the cat a mat or a hat?"),
      models: models, options: RunOptions(trace: .steps))
    #expect(completion.counts.tokens > 0 && completion.promptTokenIDs.count > 10)
    #expect(completion.counts.positions > completion.promptTokenIDs.count)
  }

  /// The run of every method is what its name says.
  @Test(
    arguments: [
      (["method": "coconut", "thought_targets": "true"], "prosqa"),
      (["method": "coconut", "thought_targets": "false"], "prosqa_unsupervised"),
      (["method": "pause"], "prosqa_pause"),
      (["method": "direct", "seed": "3"], "prosqa_direct_3"),
      (["method": "chain_of_thought"], "prosqa_chain_of_thought"),
      (["method": "no_thoughts"], "prosqa_no_thoughts"),
    ])
  func trainingsLoad(parameters: [String: String], name: String) throws {
    let path = Self.folder + "/train/prosqa.lua"
    let recipe = try RecipeLoader.loadTraining(
      path: path, parameters: parameters, registry: .builtIn())
    #expect(recipe.settings.name == name && recipe.settings.stepCount == 40000)
    #expect((recipe.settings.json["thought_targets"] != nil) == (name == "prosqa"))
  }
}
