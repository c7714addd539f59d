import TacitFault
import TacitModel
import TacitReasoning

/// Runs layers of the middle of the stack several times for every row that follows.
///
/// Source: Training-Free Looped Transformers, arXiv:2605.23872. A block F of layers is taken as one
/// step of an ordinary differential equation and replaced by r smaller ones, x + β · (F(x) - x),
/// β = 1/r; β = 1 is the plain repetition, which the paper finds to do harm. Each run keeps keys and
/// values of its own, so that what is cached equals what a longer stack would compute. The authors'
/// code could not be read; which layers they take for which model is not ours to know.
///
/// Rows that were fed before the stage pass as they would have: put it before the prompt to loop
/// over all rows, behind it to loop over thoughts and text alone.
struct LoopLayersStage: Stage {
  static let about = About(
    "Runs layers of the middle of the stack several times.", source: "arXiv:2605.23872",
    fidelity: .reconstruction)

  @Option(
    "First layer of the block, from 0; by default a third of the layers lies before it.", 0...)
  var firstLayer: Int?
  @Option("Last layer of the block; by default a third of the layers lies behind it.", 0...)
  var lastLayer: Int?
  @Option("How often the block runs; 1 changes nothing.", 1...256) var runs = 2
  @Option("Share of each run's change that is taken; by default 1 / runs.", 0...1)
  var damping: Double?

  func validate() throws {
    guard runs > 1 || damping == nil else {
      throw Fault(
        option: "damping", expected: "nothing, where the block runs once", found: "a share",
        hint: "runs = 2 or more loops the block")
    }
  }

  func check(_ models: ReasoningModels) throws { _ = try block(models.main) }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let block = try block(state.model)
    guard runs > 1 else { return }
    let share = damping ?? 1 / Double(runs)
    state.note([
      "first_layer": .integer(block.lowerBound), "last_layer": .integer(block.upperBound - 1),
      "runs": .integer(runs), "damping": .number(share),
    ])
    state.add(Loop(loop: LayerSchedule.Loop(block, times: runs, step: Float(share))))
  }

  private func block(_ model: ReasoningModel) throws(Fault) -> Range<Int> {
    let count = model.configuration.layerCount
    let first = firstLayer ?? count / 3
    let last = lastLayer ?? max(first, count - 1 - count / 3)
    guard first <= last, last < count else {
      throw Fault(
        "stage '\(Self.name)', options 'first_layer' and 'last_layer', model "
          + "'\(model.located.name)'", expected: "layers from 0 to \(count - 1), in order",
        found: "\(first) and \(last)")
    }
    return first..<last + 1
  }

  private struct Loop: StackControl {
    let loop: LayerSchedule.Loop

    func shape(_ plan: inout StackPlan, read number: Int) { plan.schedule.loops.append(loop) }
  }
}
