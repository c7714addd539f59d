import TacitCheckpoint
import TacitFault
import TacitTesting
import Testing

@testable import TacitReasoning
@testable import TacitStrategies

/// Options that would have no effect, or another than they say, are refused.
@Suite struct SilentOptionTests {
  private func fault(
    _ stages: [StageDraft], _ model: String = "llama"
  ) async throws -> Fault? {
    await #expect(throws: Fault.self) {
      let pipeline = try Pipeline("test", stages)
      let models = ReasoningModels(main: try Fixtures.reasoningModel(model))
      try pipeline.check(models)
      _ = try await pipeline.run(SampleInput(name: "s", question: "the cat sat"), models: models)
    }
  }

  @Test func misspeltPlaceholders() async throws {
    for (stage, option) in [("prompt", "template"), ("chat", "user")] {
      let found = try await fault([StageDraft(stage, [option: .string("Q: {Quesion}?")])])
      #expect(found?.position == "stage '\(stage)', option '\(option)'")
      #expect(found?.found == "{Quesion}")
    }
    _ = try Pipeline("braces", [StageDraft("prompt", ["template": .string("{x} {\"a\": 1}")])])
  }

  @Test func theQuestionStandsInItsPlace() {
    let filled = Placeholder.filled("{a} {question}{question} {quest {", with: "a {question}")
    #expect(filled == "{a} a {question}a {question} {quest {")
    #expect(Placeholder.filled("", with: "a") == "" && Placeholder.filled("é", with: "a") == "é")
  }

  @Test func dampingOfOneRun() async throws {
    let found = try await fault([
      StageDraft("loop_layers", ["runs": .integer(1), "damping": .number(0.5)])
    ])
    #expect(found?.position == "stage 'loop_layers', option 'damping'")
  }

  @Test func draftsBehindStagesThatShapeTheStack() async throws {
    let found = try await fault([
      StageDraft("loop_layers"), StageDraft("prompt"),
      StageDraft("generate", ["draft": .integer(4)]),
    ])
    #expect(found?.position == "stage 'generate', option 'draft'")
    #expect(found?.found == "4 behind 'loop_layers'")
  }

  @Test func vectorsOfAnotherModel() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let (layers, width) = (model.configuration.layerCount, model.configuration.hiddenSize)
    let folder = try TemporaryFolder()
    func vectors(_ value: Float, of model: String) throws -> OptionValue {
      let path = folder.path + "/\(model).safetensors"
      let values = [Float](repeating: value, count: layers * width)
      try SafeTensorsFile.write(
        [.init("vectors", shape: [layers, width], values: values)], metadata: ["model": model],
        to: path)
      return .module(try ModuleFile(path: path))
    }
    let other = try vectors(1, of: "somebody-else")
    let refused = try await fault([StageDraft("steer", ["vectors": other]), StageDraft("prompt")])
    #expect(refused?.found == "those of 'somebody-else'")
    let taken = try Pipeline(
      "taken", [StageDraft("steer", ["vectors": other, "other_model": .boolean(true)])])
    try taken.check(ReasoningModels(main: model))
    let damaged = try vectors(.nan, of: model.located.name)
    let nan = try await fault([StageDraft("steer", ["vectors": damaged]), StageDraft("prompt")])
    #expect(nan?.found == "NaN or infinities")
  }
}
