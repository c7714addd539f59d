import TacitCheckpoint
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTensor

/// Parallel continuous thought: all thoughts at once, made better by Jacobi iteration.
///
/// Source: PCCoT, arXiv:2506.18582, section 3, and the authors' code. The thoughts begin as
/// embeddings of the latent token. Each of T iterations reads them as one block behind the question
/// and the start marker: z₁ = prj(h₀) is made once, of the state at the start marker, and
/// zᵢ = prj(hᵢ₋₁) for 1 < i ≤ N of the states of the pass before, h after the final norm. After t
/// iterations the first t thoughts are those of sequential continuous thought, so that T ≥ N without
/// a projection is `coconut`, and T = 0 is `pause`. What is made of the last pass's states is not read.
///
/// We read each question by itself: the authors' batches pad on the left, and their iterations then
/// attend to the padding.
struct PCCoTStage: Stage {
  static let about = About(
    "Refines a block of continuous thoughts in parallel, by Jacobi iteration.", name: "pccot",
    source: "arXiv:2506.18582, section 3", fidelity: .faithful, requires: [.prompt],
    provides: [.hidden, .memory])

  @Option("Continuous thoughts (N).", 0...4096) var latentSteps = 24
  @Option("Passes that refine them (T); 0 is pause, N or more is sequential.", 0...4096)
  var iterations = 3
  @Option(
    "File of the projection under the authors' names (prj.0.weight …); unset is the identity.")
  var projection: ModuleFile?
  @OptionGroup var tokens = MarkerTokens()

  func check(_ models: ReasoningModels) throws {
    _ = try tokens.markers(of: models.main)
    _ = try projection(of: models.main)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let markers = try tokens.markers(of: state.model)
    state.mark(markers.start)
    let placeholder = state.model.embedding(of: markers.latent)
    let thoughts = [[Float]](repeating: placeholder, count: latentSteps)
    feed(thoughts, pass: 0, to: &state)
    if latentSteps > 0, iterations > 0 { try await iterate(&state, from: Tensor(thoughts)) }
    state.mark(markers.end)
  }

  /// Replaces the last rows fed by those of each iteration in turn; the last ones wait to be read.
  private func iterate(_ state: inout ReasoningState, from placeholders: Tensor) async throws {
    let projection = try projection(of: state.model)
    let count = placeholders.rows
    let start = state.rowCount - count
    var rows = placeholders
    for pass in 1...iterations {
      // States at the start marker, in the first pass only, and at the thoughts: [N + 1 or N, D].
      let wanted = pass == 1 ? count + 1 : count
      let readout = try await state.read([], want: [.states(.finalNorm, .suffix(wanted))])
      guard let states = readout[.finalNorm] else {
        preconditionFailure("states that are wanted are delivered")
      }
      let made = projection(states.slice(rows: 0..<wanted - 1))
      let next = pass == 1 ? made : Tensor.concatenated([rows.slice(rows: 0..<1), made])
      state.note(["iteration": .integer(pass), "change": JSON(measured: change(rows, next))])
      try state.crop(to: start)
      feed((0..<count).map { next[$0] }, pass: pass, to: &state)
      rows = next
    }
  }

  private func feed(_ thoughts: [[Float]], pass: Int, to state: inout ReasoningState) {
    for thought in thoughts {
      state.feed(thought: thought, details: ["iteration": .integer(pass)])
    }
  }

  /// How far an iteration moved the thoughts, relative to their size: 0 at the fixed point.
  private func change(_ old: Tensor, _ new: Tensor) -> Double {
    euclideanNorm(new.adding(old, scale: -1).values)
      / max(euclideanNorm(new.values), .leastNormalMagnitude)
  }

  /// The projection, opened once for each model; without a file the identity.
  private func projection(of model: ReasoningModel) throws -> @Sendable (Tensor) -> Tensor {
    guard let file = projection else { return { $0 } }
    let module = try model.derived("pccot \(file.sha256)") {
      try PCCoTProjection(file, width: model.configuration.hiddenSize)
    }
    return { module($0) }
  }
}
