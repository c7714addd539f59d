import TacitCheckpoint
import TacitFault
import TacitModel
import TacitReasoning

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns the states of every layer towards vectors that were made of contrasting prompts.
///
/// Source: Fractional Reasoning, arXiv:2506.15882, as the authors' code has it: at the last row of
/// every read the output x of each feed-forward block becomes ‖x‖ times the unit vector along
/// x/‖x‖ + alpha · s(t) · v/‖v‖, where s falls as half a cosine from 1 to 0.5 over 50 reads; t is 0
/// for the first two reads, the prompt and the first token, and counts on from there. The paper's
/// equation adds the vector to the residual stream behind each layer and rescales; `site = "layer"`
/// does this.
///
/// Rows that were fed before the stage pass as they would have: put it before the prompt to steer
/// its last row too, as the authors do.
struct SteerStage: Stage {
  static let about = About(
    "Turns the states of every layer towards vectors of contrasting prompts.",
    source: "arXiv:2506.15882", fidelity: .faithful, example: ["alpha": .number(0)])

  enum Site: String, OptionChoice {
    case feedForward = "feed_forward"
    case layer
  }

  @Option("File of the vectors, as `tacit vectors` writes it; needed unless alpha is 0.")
  var vectors: ModuleFile?
  @Option("Whether the vectors may be those of a model of another name.") var otherModel = false
  @Option("How far states are turned; 0 changes nothing, less than 0 turns them away.", -1e4...1e4)
  var alpha = 1.0
  @Option("Where: at the output of feed-forward blocks, or behind whole layers.")
  var site = Site.feedForward
  @Option("Reads over which the strength falls; 0 keeps it.", 0...) var rampSteps = 50
  @Option("Share of alpha below which it does not fall.", 0...1) var rampFloor = 0.5

  func validate() throws {
    guard vectors != nil || alpha == 0 else {
      throw Fault(
        "stage '\(Self.name)', option 'vectors'", expected: "a file of vectors", found: "nothing",
        hint: "make one: tacit vectors pairs.jsonl --model … -o vectors.safetensors")
    }
  }

  func check(_ models: ReasoningModels) throws {
    guard let vectors else { return }
    _ = try SteeringVectors(vectors, for: models.main.configuration)
    let (made, used) = (vectors.metadata["model"], models.main.located.name)
    guard otherModel || made == nil || made == used else {
      throw Fault(
        vectors.path, expected: "vectors of the model '\(used)'",
        found: "those of '\(made ?? "")'",
        hint: "other_model = true takes them, where both names mean models that think alike")
    }
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    guard alpha != 0, let vectors else { return }
    let file = try SteeringVectors(vectors, for: state.model.configuration)
    state.note(["alpha": .number(alpha), "site": .string(site.rawValue)])
    state.add(Steering(stage: self, vectors: file.rows))
  }

  private struct Steering: StackControl {
    let stage: SteerStage
    /// A vector of D components for each layer.
    let vectors: [[Float]]

    func shape(_ plan: inout StackPlan, read number: Int) {
      let strength = Float(stage.alpha * stage.share(read: number))
      for (layer, vector) in vectors.enumerated() {
        plan.additions.append(
          VectorAddition(
            vector,
            at: stage.site == .layer ? .residual(layer: layer) : .feedForward(layer: layer),
            rows: .last, strength: strength, mode: .normKept))
      }
    }
  }

  /// What is left of alpha at a read.
  private func share(read number: Int) -> Double {
    guard rampSteps > 0 else { return 1 }
    let progress = min(Double(max(0, number - 1)) / Double(rampSteps), 1)
    return max(0.5 * (cos(.pi * progress) + 1), rampFloor)
  }
}
