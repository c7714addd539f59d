import TacitCheckpoint
import TacitFault
import TacitModel
import TacitRandom
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitStrategies

/// Decoding with drafts is decoding without, in fewer passes.
@Suite struct DraftedReadingTests {
  /// What must not depend on drafts.
  struct Result: Equatable {
    let tokens: [Int]
    let text: String
    let reason: Completion.FinishReason
    let entropies: [Double?]

    init(_ completion: Completion) {
      tokens = completion.tokenIDs
      text = completion.text
      reason = completion.finishReason
      entropies = completion.trace.filter { $0.kind == .explicit }.map(\.entropy)
    }
  }

  /// Tokens that were guessed and that stayed, over all passes of a run.
  static func drafts(_ completion: Completion) -> (drafted: Int, accepted: Int, passes: Int) {
    let notes = completion.trace.filter { $0.kind == .event && $0.details["drafted"] != nil }
    func sum(_ key: String) -> Int { notes.reduce(0) { $0 + ($1.details[key]?.integer ?? 0) } }
    return (sum("drafted"), sum("accepted"), notes.count)
  }

  static let question = "the cat sat on the mat and the cat sat on the cat and the dog sat"

  static func run(
    _ options: [String: OptionValue], _ model: ReasoningModel, before: [StageDraft] = [],
    seed: UInt64 = 1, budget: Budget = Budget()
  ) async throws -> Completion {
    try await Pipeline(
      "draft", [StageDraft("prompt")] + before + [StageDraft("generate", options)], budget: budget
    ).run(
      SampleInput(name: "draft", question: question), model: model,
      options: RunOptions(seed: seed, trace: .steps))
  }

  /// Drafts of random lengths from the text and from a corpus, over seeds, temperatures, end tokens,
  /// stop texts, forced text, thoughts before the text and limits.
  @Test(arguments: ["gpt2", "llama", "qwen3"]) func changesNothing(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    var random = CounterRandom(seed: 9, sample: name, repetition: 0, stage: 0, step: 0)
    var sums = (drafted: 0, accepted: 0)
    for trial in 0..<40 {
      let seed = UInt64(trial)
      var options: [String: OptionValue] = [
        "max_new_tokens": .integer(1 + random.integer(below: 48)),
        "temperature": .number([0, 0.05, 0.3, 0.8][random.integer(below: 4)]),
        "ignore_eos": .boolean(random.integer(below: 2) == 0),
      ]
      if trial % 4 == 1 { options["prefix"] = .string("the cat sat") }
      let before = trial % 3 == 2 ? [StageDraft("coconut")] : []
      let free = try await Self.run(options, model, before: before, seed: seed)
      if trial % 5 == 2, let id = free.tokenIDs.dropFirst(6).last {
        options["eos_token_ids"] = .list([.integer(id)])
        options["ignore_eos"] = .boolean(false)
      }
      if trial % 5 == 3, let last = free.text.dropFirst(8).last {
        options["stop"] = .list([.string(String(last)), .string("zzz")])
      }
      let plain = try await Self.run(options, model, before: before, seed: seed)
      options["draft"] = .integer(1 + random.integer(below: 9))
      options["draft_min_match"] = .integer(1 + random.integer(below: 2))
      options["draft_max_match"] = .integer(2 + random.integer(below: 3))
      options["draft_corpus"] = .list([.string(free.text), .string("the cat sat")])
      let drafted = try await Self.run(options, model, before: before, seed: seed)
      #expect(Result(drafted) == Result(plain), "trial \(trial)")
      let drafts = Self.drafts(drafted)
      #expect(
        drafted.counts.forwardPasses <= plain.counts.forwardPasses - drafts.accepted + 1,
        "trial \(trial)")
      sums.drafted += drafts.drafted
      sums.accepted += drafts.accepted
    }
    #expect(sums.accepted > 0 && sums.accepted < sums.drafted)
  }

  /// Guesses of a corpus of the model's own tokens, some of them wrong, greedily and by chance.
  @Test(arguments: ["gpt2", "llama", "qwen3"], [0, 0.3, 1])
  func ownTokensAreTakenManyAtATime(name: String, temperature: Double) async throws {
    let model = try Fixtures.reasoningModel(name)
    let rules = Decoding(
      sampling: Sampling(temperature: temperature, topP: 0.95), maximumTokens: 60, ignoresEnd: true)
    func run(_ corpus: [[Int]]) async throws -> Completion {
      let settings = Drafter.Settings(matches: 1...4, length: 6)
      let stage = TestStage { state in
        try await GenerateStage.write(rules, forcing: [5, 6], &state) { state in
          guard !corpus.isEmpty else { return nil }
          return DraftedReading(settings, Datastore(corpus, depth: settings.depth), state)
        }
      }
      return try await Pipeline("own", [StageDraft("prompt")], then: stage).run(
        SampleInput(name: "own", question: Self.question), model: model,
        options: RunOptions(trace: .steps))
    }
    let plain = try await run([])
    let exact = try await run([plain.tokenIDs])
    #expect(Result(exact) == Result(plain))
    #expect(plain.counts.tokens - 2 > 2 * exact.counts.forwardPasses)
    var faulty = plain.tokenIDs
    for index in stride(from: 7, to: 60, by: 9) { faulty[index] = 3 }
    let found = try await run([faulty])
    #expect(Result(found) == Result(plain))
    #expect(found.counts.forwardPasses > exact.counts.forwardPasses)
    #expect(found.counts.forwardPasses < plain.counts.forwardPasses)
    for completion in [exact, found] {
      // Every row that was read is charged, those of guesses that failed too.
      let drafts = Self.drafts(completion)
      #expect(
        completion.counts.positions == plain.counts.positions + drafts.drafted - drafts.accepted)
      #expect(completion.counts.tokens == plain.counts.tokens)
    }
  }

  /// A corpus in a recipe is text: that of a model of words reads back as its tokens.
  @Test func textOfTheModelAsCorpus() async throws {
    let located = try ModelLocator(environment: [:]).locate("prosqa-chain-of-thought")
    let model = try ReasoningModel(located, scheduler: Scheduler())
    var options: [String: OptionValue] = [
      "max_new_tokens": .integer(40), "prefix": .string("<think>"), "ignore_eos": .boolean(true),
    ]
    let plain = try await Self.run(options, model)
    options["draft"] = .integer(8)
    options["draft_min_match"] = .integer(1)
    options["draft_corpus"] = .list([.string(plain.text)])
    let drafted = try await Self.run(options, model)
    #expect(Result(drafted) == Result(plain))
    #expect(plain.counts.tokens > 2 * drafted.counts.forwardPasses)
    options["draft_corpus"] = nil
    let alone = try await Self.run(options, model)
    #expect(drafted.counts.forwardPasses < alone.counts.forwardPasses)
  }

  /// A text ends with its budget where it would have ended, and never beyond it.
  @Test func budgetsEndTheTextAtTheSameToken() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    var options: [String: OptionValue] = [
      "max_new_tokens": .integer(30), "ignore_eos": .boolean(true),
    ]
    let free = try await Self.run(options, model)
    let all = free.counts.positions
    let drafting = options.merging([
      "draft": .integer(5), "draft_min_match": .integer(1),
      "draft_corpus": .list([.string(free.text)]),
    ]) { $1 }
    var drafted = 0
    for limit in [all - 40, all - 10, all - 1, all, all + 3, all + 10, all + 100] {
      let budget = Budget(positions: limit)
      let plain = try await Self.run(options, model, budget: budget)
      let found = try await Self.run(drafting, model, budget: budget)
      #expect(Result(found) == Result(plain), "\(limit) positions")
      #expect(found.counts.positions <= limit)
      drafted += Self.drafts(found).drafted
    }
    #expect(drafted > 0)
    for limit in [1, 7, 29, 30, 31] {
      let budget = Budget(tokens: limit)
      let plain = try await Self.run(options, model, budget: budget)
      let found = try await Self.run(drafting, model, budget: budget)
      #expect(Result(found) == Result(plain), "\(limit) tokens")
      #expect(found.counts.tokens == plain.counts.tokens)
    }
    options["draft_min_match"] = .integer(5)
    await #expect(throws: Fault.self) { try await Self.run(options, model) }
  }

  /// Up to the last position of the context, behind which nothing is drafted.
  @Test func theContextEndsTheText() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    let options: [String: OptionValue] = [
      "max_new_tokens": .integer(100_000), "ignore_eos": .boolean(true),
    ]
    let plain = try await Self.run(options, model)
    let drafting: [String: OptionValue] = ["draft": .integer(8), "draft_min_match": .integer(1)]
    let found = try await Self.run(options.merging(drafting) { $1 }, model)
    #expect(Result(found) == Result(plain))
    #expect(plain.finishReason == .length)
    let limit = model.configuration.maximumPositions
    #expect(plain.promptTokenIDs.count + plain.tokenIDs.count == limit + 1)
  }

  /// What stands behind the text is the same for the stages that follow, and so in branches.
  @Test func laterStagesAndBranches() async throws {
    let model = try Fixtures.reasoningModel("llama")
    func options(_ draft: Int) -> [String: OptionValue] {
      [
        "max_new_tokens": .integer(14), "temperature": .number(0.1), "ignore_eos": .boolean(true),
        "draft": .integer(draft), "draft_min_match": .integer(1),
      ]
    }
    var results: [Result] = []
    var votes: [Result] = []
    for draft in [0, 3, 7] {
      let generate = StageDraft("generate", options(draft))
      let think = StageDraft("think", ["latent_steps": .integer(3)])
      let pipeline = try Pipeline(
        "chain", [StageDraft("prompt"), generate, think, generate, generate])
      let sample = SampleInput(name: "draft", question: Self.question)
      let run = RunOptions(seed: 4, trace: .steps)
      results.append(Result(try await pipeline.run(sample, model: model, options: run)))
      let branch = try Refinement.plugin("generate", options(draft))
      let vote = try Pipeline(
        "vote",
        [
          StageDraft("prompt"),
          StageDraft("sample", ["n": .integer(4), "stages": .plugins([branch])]),
          StageDraft("vote"), generate,
        ])
      let voted = try await vote.run(sample, model: model, options: run)
      votes.append(Result(voted))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    #expect(votes[0] == votes[1] && votes[0] == votes[2])
  }
}

/// Rows that are read ahead are none of the state's before they come.
@Suite struct RowsAheadTests {
  /// Runs a body on a state that has read a prompt.
  private func onState(
    _ body: @escaping @Sendable (inout ReasoningState) async throws -> Void
  ) async throws {
    let pipeline = try Pipeline("test", [StageDraft("prompt")], then: TestStage(body))
    _ = try await pipeline.run(
      SampleInput(name: "ahead", question: "the cat sat"), model: Fixtures.reasoningModel("qwen3"))
  }

  @Test func stateIsTheSameWithAndWithout() async throws {
    try await onState { state in
      var plain = state
      var ahead = state
      #expect(ahead.aheadCount == 0)
      try await ahead.readAhead([5, 6, 7, 8])
      #expect(ahead.aheadCount == 4)
      #expect(ahead.rowCount == plain.rowCount && ahead.memoryCount == plain.rowCount)
      #expect(ahead.remainingContext == plain.remainingContext)
      #expect(ahead.rows == plain.rows)
      for id in [5, 6] {
        #expect(try await ahead.logits() == plain.logits())
        #expect(try await ahead.hidden() == plain.hidden())
        try ahead.emit(id)
        try plain.emit(id)
        #expect(ahead.rowCount == plain.rowCount && ahead.rows == plain.rows)
        #expect(ahead.remainingContext == plain.remainingContext)
      }
      #expect(ahead.aheadCount == 2)
      let states = (ahead, plain)
      // Another token, a thought, a crop, a longer read, a control: each forgets the rest.
      for change in 0..<5 {
        var (ahead, plain) = states
        for index in 0..<2 {
          var one = index == 0 ? ahead : plain
          switch change {
          case 0: one.mark(9)
          case 1:
            one.feed(thought: [Float](repeating: 0.1, count: one.model.configuration.hiddenSize))
          case 2: try one.crop(to: 3)
          case 3: _ = try await one.read([.token(7), .token(9)], want: [.states()])
          default: one.add(Nothing())
          }
          if index == 0 { ahead = one } else { plain = one }
        }
        if change == 2 {
          ahead.mark(11)
          plain.mark(11)
        }
        #expect(ahead.aheadCount == 0 && ahead.rowCount == plain.rowCount)
        #expect(try await ahead.logits() == plain.logits(), "change \(change)")
        ahead.mark(4)
        plain.mark(4)
        #expect(try await ahead.logits() == plain.logits(), "change \(change)")
        #expect(ahead.memoryCount == plain.memoryCount)
      }
    }
  }

  private struct Nothing: StackControl {
    func shape(_ plan: inout StackPlan, read number: Int) {}
  }

  /// Where it cannot be known that nothing changes, nothing is read.
  @Test func isLeftOutWhereItMightMatter() async throws {
    try await onState { state in
      try await state.readAhead([1 << 40, 5])
      #expect(state.aheadCount == 0)
      try await state.readAhead([5, -1, 6])
      #expect(state.aheadCount == 1)
      try await state.readAhead([7, 8])
      #expect(state.aheadCount == 1)
      try await state.readAhead([])
      _ = try await state.logits()
      state.mark(6)
      state.add(Nothing())
      try await state.readAhead([7, 8])
      #expect(state.aheadCount == 0)
      _ = try await state.logits()
      state.removeLastControl()
      try await state.readAhead([7, 8])
      #expect(state.aheadCount == 0)
    }
  }
}
