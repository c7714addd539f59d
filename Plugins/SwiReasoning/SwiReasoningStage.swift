import TacitJSON
import TacitReasoning
import TacitTensor

/// Switches by entropy between reading soft embeddings p·E and reading sampled tokens.
///
/// Source: SwiReasoning, arXiv:2510.05069, and the authors' code, which this follows where the two
/// differ: a token is emitted at every step, latent or not; the row that enters explicit mode mixes
/// the *soft* embedding with the end-think token; an injected end-think token does not lock; the
/// mode goes on by entropy while tokens are injected.
///
/// Deviations: `min_p` is relative to the most probable token, as everywhere in Tacit, where the
/// authors compare probabilities themselves; every end-of-sequence token of the model ends the text,
/// and is not emitted; without options the injected words are our own.
struct SwiReasoningStage: Stage {
  static let about = About(
    "Switches by entropy between reading soft embeddings and reading tokens.",
    source: "arXiv:2510.05069, section 3", fidelity: .faithful, requires: [.prompt],
    provides: [.memory, .text])

  @Option("Tokens at most, injected ones included; alpha and beta reach 1 there.", 0...)
  var maxNewTokens = 32768
  @OptionGroup var sampling = Sampling()
  @Option("Steps in explicit mode before it may be left.", 0...) var windowSize = 512
  @Option("Mode of the first step.") var startMode = ModeController.Mode.latent
  @Option("Mixes the think and end-think tokens into the rows at which the mode switches.")
  var signalMixing = true
  @Option(
    "First share of the soft embedding, beside think_token, in a row that enters latent mode.",
    0...1, name: "alpha_0")
  var firstAlpha = 1.0
  @Option(
    "First share of the soft embedding, beside end_think_token, in a row that leaves it.",
    0...1, name: "beta_0")
  var firstBeta = 0.7
  @Option("Reads tokens for good once the end-think token was sampled.") var lock = true
  @Option("Control: counts switches and injects tokens, but reads nothing but tokens.")
  var triggersOnly = false
  @OptionGroup var tokenOptions = SwiReasoningTokenOptions()
  @Option("Tokens that end the text, in place of the model's own.") var eosTokenIDs: [Int]?
  @Option("Goes on after an end-of-sequence token.") var ignoreEOS = false
  @Option var refiners: [any Refiner] = []

  private var span: LatentSpan { LatentSpan(refiners: refiners) }

  private var mixing: (alpha: Double, beta: Double)? {
    signalMixing ? (firstAlpha, firstBeta) : nil
  }

  func check(_ models: ReasoningModels) throws {
    _ = try tokenOptions.resolve(models.main, feedsThoughts: !triggersOnly)
    try span.check(models)
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    let tokens = try tokenOptions.resolve(state.model, feedsThoughts: !triggersOnly)
    let decoding = Decoding(
      sampling: sampling, maximumTokens: maxNewTokens, endIDs: eosTokenIDs.map { Set($0) },
      ignoresEnd: ignoreEOS)
    var text = try decoding.begin(&state)
    var controller = ModeController(mode: startMode, window: windowSize)
    var forced = tokens.forced
    // The latent span under way.
    var thoughts: Thoughts?
    while text.continues(state) {
      let logits = try await state.logits()
      let entropy = logits.entropy()
      guard entropy.isFinite else { throw state.nonFiniteLogits }
      let sampled = try text.draw(from: logits, state)
      if lock, sampled == tokens.endThink { controller.lock() }
      let injected = forced?.next()
      let tokenID = injected ?? sampled
      let change = controller.observe(entropy)
      forced?.endStep(switches: change == .toExplicit ? controller.count : nil)
      if text.ends(with: tokenID, &state) { break }
      let row = try await row(
        Step(number: text.step, tokenID: tokenID, change: change, logits: logits), controller,
        tokens,
        &thoughts, &state)
      var details: [String: JSON] = [:]
      if state.isTraced {
        details = describe(controller, change, row)
        if injected != nil { details["sampled_token_id"] = .integer(sampled) }
        if let remaining = forced?.remaining { details["steps_left"] = .integer(remaining) }
      }
      try state.emit(
        tokenID, feeding: row.vector, kind: injected == nil ? .explicit : .forced,
        entropy: state.isTraced ? Double(entropy) : nil, details: details)
      text.advance(&state)
      if forced?.isExhausted == true { break }
    }
  }

  private func describe(
    _ controller: ModeController, _ change: ModeController.Switch?, _ row: Row
  ) -> [String: JSON] {
    var details: [String: JSON] = [
      "mode": .string(controller.mode.rawValue), "dwell": .integer(controller.dwell),
      "ref_entropy": JSON(measured: Double(controller.referenceEntropy ?? .nan)),
      "switches": .integer(controller.count), "locked": .boolean(controller.isLocked),
      "row": .string(row.kind),
    ]
    if let change { details["switch"] = .string(change.rawValue) }
    return details
  }
}

// MARK: Rows

extension SwiReasoningStage {
  /// What the model reads next.
  private enum Row {
    /// The token that was emitted.
    case token
    /// A soft embedding, mixed and refined where that applies.
    case soft([Float])
    /// The row that enters explicit mode: a soft embedding and the end-think token.
    case exit([Float])

    var vector: [Float]? {
      switch self {
      case .token: nil
      case .soft(let vector), .exit(let vector): vector
      }
    }

    var kind: String {
      switch self {
      case .token: "token"
      case .soft: "soft"
      case .exit: "exit"
      }
    }
  }

  /// What one step has decided.
  private struct Step {
    let number: Int
    let tokenID: Int
    let change: ModeController.Switch?
    let logits: [Float]
  }

  private func row(
    _ step: Step, _ controller: ModeController, _ tokens: SwiReasoningTokens,
    _ thoughts: inout Thoughts?, _ state: inout ReasoningState
  ) async throws -> Row {
    guard !triggersOnly else { return .token }
    let progress = Double(step.number) / Double(maxNewTokens)
    if controller.readsTokens { thoughts = nil }
    if controller.readsTokens || tokens.math.contains(step.tokenID) {
      guard step.change == .toExplicit, let mixing else { return .token }
      return .exit(
        try await mixed(
          step.logits, mixing.beta + (1 - mixing.beta) * progress, tokens.endThink, state))
    }
    let vector =
      if step.number == 0, let start = tokens.start {
        try await mixed(step.logits, 0.9, start, state)
      } else if step.change == .toLatent, let mixing {
        try await mixed(
          step.logits, mixing.alpha + (1 - mixing.alpha) * progress, tokens.think, state)
      } else {
        try await state.softEmbedding(step.logits.softmax())
      }
    return .soft(try await refined(vector, step.number, &thoughts, &state))
  }

  /// A soft embedding with the share `weight`, and the row of a token with the rest.
  private func mixed(
    _ logits: [Float], _ weight: Double, _ tokenID: Int, _ state: ReasoningState
  ) async throws -> [Float] {
    let soft = try await state.softEmbedding(logits.softmax())
    let (share, rest) = (Float(weight), Float(1 - weight))
    return zip(soft, state.model.embedding(of: tokenID)).map { share * $0 + rest * $1 }
  }

  private func refined(
    _ row: [Float], _ step: Int, _ thoughts: inout Thoughts?, _ state: inout ReasoningState
  ) async throws -> [Float] {
    guard !refiners.isEmpty else { return row }
    var current = if let thoughts { thoughts } else { try await state.thoughts(span) }
    defer { thoughts = current }
    // Spans count their thoughts from 0 each; steps of the stage never repeat.
    return try await current.refine(row, of: &state, stream: step)
  }
}
