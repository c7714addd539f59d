import TacitJSON
import TacitModel
import TacitReasoning
import TacitTensor

/// Answers, then optimises the states behind the answer's first tokens until a reward suffices.
///
/// Source: LatentSeek, Li et al. 2025, arXiv:2505.13308, as in its released program: the first share
/// of the states is optimised by policy gradient, the tokens that they then predict are read again,
/// and the rest is decoded greedily. So what the states change is tokens. As published, an end token
/// among those tokens ends nothing, the reward is that of the step before, and the answer of the last
/// step counts, not the best one. Ours: the questions of the self-verification; an end token is no
/// part of the answer that is judged; the prompt and the head are not computed anew for each token.
struct LatentSeekStage: Stage {
  static let about = About(
    "Rewrites the beginning of its answer by policy gradient on states until a reward suffices.",
    source: "arXiv:2505.13308", fidelity: .analogue, requires: [.prompt], provides: [.text],
    example: [
      "max_new_tokens": .integer(4), "rho": .number(0.5), "max_steps": .integer(2),
      "reward_function": .function(RecipeFunction(identity: "example") { _ in .number(-0.5) }),
    ])

  @Option("Tokens of the answer at most.", 0...) var maxNewTokens = 1024
  @Option("Tokens behind the rewritten ones at most; by default what max_new_tokens leaves.", 0...)
  var maxRestTokens: Int?
  @Option("Texts that end the answer; they are not part of the result.") var stop: [String]?
  @Option("Tokens that end the answer, in place of the model's own.") var eosTokenIDs: [Int]?
  @Option("Goes on after an end-of-sequence token.") var ignoreEOS = false
  @Option("Share of the answer whose states are optimised.", 0...1) var rho = 0.1
  @Option("States that are optimised at most.", 0...) var maxStates = 300
  @Option("Steps at most; 0 is plain greedy decoding.", 0...) var maxSteps = 10
  @Option("Learning rate of Adam.", 0...) var learningRate = 0.03
  @Option("Norm of the gradient at most; by default unlimited.", 0...) var gradientClip: Double?
  @Option("A reward above this ends the search.") var rewardThreshold = -0.2
  @Option("Whose answer counts: that of the last step, or the one with the best reward.")
  var returns = Returned.last
  @Option("What judges answers: the model itself, or the right answer of the dataset (an oracle).")
  var reward = AnswerReward.verify
  @Option("A function from question and answer to the reward, in place of `reward`.")
  var rewardFunction: RecipeFunction?
  @Option("Tokens of each judgement of the model at most.", 1...) var maxVerifyTokens = 256

  /// Whose answer counts.
  enum Returned: String, OptionChoice {
    case last, best
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    var text = try rules(maximumTokens: maxNewTokens).begin(&state)
    guard maxSteps > 0, text.continues(state) else {
      return try await write(&text, &state)
    }
    // The prompt is read once, before the answers part.
    _ = try await state.logits()
    let origin = state
    var states: [[Float]] = []
    var count = 0
    try await write(&text, &state) { hidden in
      if states.count < maxStates { states.append(hidden) }
      count += 1
    }
    states.removeLast(states.count - min(Int(rho * Double(count)), states.count))
    do {
      try await seek(from: origin, states, &state)
    } catch let error as BudgetExhausted {
      state.stream()
      throw error
    }
    state.stream()
  }

  private func rules(maximumTokens: Int) -> Decoding {
    Decoding(
      sampling: Sampling(), maximumTokens: maximumTokens, stopTexts: stop ?? [],
      endIDs: eosTokenIDs.map { Set($0) }, ignoresEnd: ignoreEOS, streams: maxSteps == 0)
  }

  /// Writes to the end of the text; `note` is told the state behind each token, the end's included.
  private func write(
    _ text: inout DecodedText, _ state: inout ReasoningState,
    note: ([Float]) -> Void = { _ in }
  ) async throws {
    while text.continues(state) {
      _ = try await state.logits()
      note(try await state.hidden())
      if try await text.next(&state) == nil { break }
    }
  }
}

// MARK: The search

extension LatentSeekStage {
  /// Optimises states and answers anew; `state` is at every moment the answer that counts so far.
  private func seek(
    from origin: ReasoningState, _ states: [[Float]], _ state: inout ReasoningState
  ) async throws {
    var sought = SoughtStates(states, rate: learningRate, clip: gradientClip)
    var reward = try await reward(of: state, from: origin)
    var best = reward
    note(["step": 0, "reward": .number(reward), "states": .integer(states.count)], state)
    for number in 1...maxSteps where reward <= rewardThreshold && !states.isEmpty {
      let step = try await sought.step(reward: reward, origin)
      note(
        [
          "step": .integer(number), "loss": JSON(measured: step.loss),
          "tokens": .array(step.tokens.map { .integer($0) }),
          "changed": .array(step.changed.map { .integer($0) }),
        ], state)
      var attempt = origin
      try await rewrite(step.tokens, &attempt)
      reward = try await self.reward(of: attempt, from: origin)
      note(["step": .integer(number), "reward": .number(reward)], state)
      if returns == .last || reward > best {
        best = reward
        state = attempt
      }
    }
  }

  /// Emits the tokens of a step, then decodes the rest.
  private func rewrite(_ tokens: [Int], _ state: inout ReasoningState) async throws {
    let limit = maxRestTokens.map { tokens.count + min($0, .max - tokens.count) } ?? maxNewTokens
    var text = try rules(maximumTokens: limit).begin(&state)
    for id in tokens where text.continues(state) {
      try state.emit(id, details: ["sought": true])
      text.advance(&state)
    }
    try await write(&text, &state)
  }

  private func reward(
    of state: ReasoningState, from origin: ReasoningState
  ) async throws -> Double {
    let answer = String(state.text.utf8.dropFirst(origin.text.utf8.count)) ?? ""
    if let rewardFunction {
      return try rewardFunction.reward(state.question, answer)
    }
    switch reward {
    case .verify:
      return try await SelfVerification(tokenLimit: maxVerifyTokens).reward(of: answer, state)
    case .scorer: return try state.score(state.text) - 1
    }
  }

  private func note(_ details: [String: JSON], _ state: ReasoningState) {
    let kind = rewardFunction.map { "function at " + $0.identity } ?? reward.rawValue
    state.note(details.merging(["reward_by": .string(kind)]) { $1 })
  }
}
