import TacitFault
import TacitModel
import TacitReasoning
import TacitTesting
import Testing

/// Asks for a layer that no model has.
struct FaultyPlanStage: Stage {
  static let about = About("Skips a layer that is not there.", source: "test", fidelity: .faithful)

  struct Control: StackControl {
    func shape(_ plan: inout StackPlan, read number: Int) {
      plan.schedule = LayerSchedule(skipped: [99])
    }
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    state.add(Control())
    try state.read(tokenIDs: [1, 2])
    _ = try await state.hidden()
  }
}

/// What goes wrong while a stage runs says which stage it is and which line names it.
@Suite struct FaultyPlanTests {
  @Test func aPlanThatDoesNotFit() async throws {
    let registry = try PluginRegistry([FaultyPlanStage.self])
    let plugin = ConfiguredPlugin(
      manifest: try #require(registry.manifest(named: "faulty_plan")),
      location: SourceLocation(file: "r.lua", line: 7))
    let pipeline = Pipeline(name: "p", stages: [try PipelineStage(plugin, registry: registry)])
    let models = ReasoningModels(main: try Fixtures.reasoningModel("llama"))
    let fault = await #expect(throws: Fault.self) {
      try await pipeline.run(SampleInput(name: "s", question: "q"), models: models)
    }
    #expect(fault?.position.hasPrefix("r.lua:7: stage 'faulty_plan': stack plan, ") == true)
    #expect(fault?.hint?.contains("'faulty_plan'") == true)
  }
}
