import TacitFault
import TacitReasoning

/// Continues the same memory several times, each time with other random numbers.
///
/// Source: the sampling of self-consistency, Wang et al. 2022, arXiv:2203.11171. What is there
/// before, the question above all, is read once.
struct SampleStage: Stage {
  static let about = About(
    "Continues the memory several times: candidates for a vote.", source: "arXiv:2203.11171",
    fidelity: .faithful, requires: [.prompt], provides: [.candidates])

  @Option("Candidates.", 1...1024) var n = 5
  @Option(
    "What each candidate goes through; at a temperature of 0, and without noise on thoughts, "
      + "all of them are the same.")
  var stages: [PipelineStage]

  func validate() throws {
    if let fault = stages.compositionFaults(after: [.prompt]).first {
      throw fault.within("stage 'sample', option 'stages'")
    }
    guard stages.contains(where: { $0.provides.contains(.text) }) else {
      throw Fault(
        "stage 'sample', option 'stages'", expected: "a stage that emits text",
        found: stages.isEmpty ? "no stages" : stages.map(\.name).joined(separator: ", "),
        hint: "for example stages = { tacit.generate { temperature = 0.7 } }")
    }
  }

  var waitsForBranches: Bool { true }

  func check(_ models: ReasoningModels) throws { try stages.check(models) }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    try await state.branch(count: n, through: stages)
  }
}
