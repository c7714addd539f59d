import Synchronization
import TacitFault
import TacitModel
import TacitStrategies
import Testing

@testable import TacitReasoning
@testable import TacitRecipe

/// Recipes with stages of their own, on a real model with the built-in stages.
@Suite struct RecipeRunTests {
  /// A prompt, then a stage of the recipe with this body.
  private func load(_ body: String) throws -> Recipe {
    try loadText(
      """
      local tacit = require "tacit"
      local greedy = { max_new_tokens = 12, ignore_eos = true }
      local sampled = { max_new_tokens = 12, ignore_eos = true, temperature = 0.9 }
      return tacit.pipeline { name = "p", tacit.prompt {}, tacit.stage {
        name = "s", requires = { "prompt" }, provides = { "text" }, run = function(state)
      \(body)
      end } }
      """, registry: .builtIn())
  }

  /// Everything but times.
  private struct Outcome: Equatable {
    let tokens: [Int]
    let text: String
    let reason: Completion.FinishReason
    let counts: Counts
    let trace: [TraceStep]

    /// Every token that was emitted, those that a restore took back too.
    var emitted: [Int] { trace.filter { $0.kind == .explicit }.compactMap(\.tokenID) }
  }

  private func run(
    _ recipe: Recipe, question: String = "the cat sat on a mat", sample: String = "test/0",
    seed: UInt64 = 5, budget: Budget = Budget()
  ) async throws -> Outcome {
    var pipeline = recipe.pipeline
    if budget != Budget() {
      pipeline = Pipeline(name: recipe.name, budget: budget, stages: recipe.stages)
    }
    let completion = try await pipeline.run(
      SampleInput(name: sample, question: question), model: testModel.get(),
      options: RunOptions(seed: seed, trace: .vectors))
    return Outcome(
      tokens: completion.tokenIDs, text: completion.text, reason: completion.finishReason,
      counts: completion.counts, trace: completion.trace)
  }

  // MARK: Random numbers

  private func twice(_ options: String) throws -> Recipe {
    try load(
      """
      local memory, rng = state:checkpoint(), state.rng
      local first, draw = state:generate(\(options)), rng:uniform()
      state:restore(memory)
      local second = state:generate(\(options))
      assert(draw ~= rng:uniform(), "a restore took a draw back")
      state:finish(first .. "|" .. second .. "|" .. draw)
      """)
  }

  /// Two answers from one memory are drawn differently, and a run can be repeated.
  @Test func everyAnswerHasItsOwnRandomNumbers() async throws {
    let recipe = try twice("sampled")
    let outcome = try await run(recipe)
    #expect(outcome.reason == .done && outcome.emitted.count == 24)
    #expect(outcome.emitted.prefix(12) != outcome.emitted.suffix(12))
    #expect(try await run(recipe) == outcome)
    #expect(try await run(twice("sampled")) == outcome)
    let others = [
      try await run(recipe, seed: 6), try await run(recipe, sample: "test/1"),
    ]
    for other in others {
      #expect(other.emitted.prefix(12) != outcome.emitted.prefix(12))
      #expect(other.emitted.suffix(12) != outcome.emitted.suffix(12))
      #expect(other.text.split(separator: "|").last != outcome.text.split(separator: "|").last)
    }
  }

  /// Without random numbers both answers are the same: a restore brings the whole memory back.
  @Test func aRestoreForgetsTheFirstAnswer() async throws {
    let outcome = try await run(twice("greedy"))
    #expect(outcome.emitted.count == 24)
    #expect(outcome.emitted.prefix(12) == outcome.emitted.suffix(12))
    #expect(outcome.tokens == Array(outcome.emitted.suffix(12)))
  }

  /// A vote that the recipe counts itself gives what the built-in one gives.
  @Test func aRecipeMayCountItself() async throws {
    let recipe = try load(
      """
      local fork = state:fork()
      state:sample { n = 4, stages = { tacit.generate(sampled) } }
      assert(#state.candidates == 4 and #fork.candidates == 0 and state.text == "")
      local longest = ""
      for _, text in ipairs(state.candidates) do
        if #text > #longest then longest = text end
      end
      state:vote { weight = function(text) return text == longest and 1 or 0 end }
      assert(#state.candidates == 0 and state.text == longest)
      """)
    let outcome = try await run(recipe)
    #expect(!outcome.text.isEmpty && outcome.tokens.count == 12 && outcome.emitted.count == 48)
    #expect(outcome.reason == .length && outcome.counts.tokens == 48)
    #expect(try await run(recipe) == outcome)
    let twice = try await run(
      load(
        """
        state:sample { n = 2, stages = { tacit.generate(sampled) } }
        local first = state.candidates
        state:sample { n = 2, stages = { tacit.generate(sampled) } }
        assert(first[1] ~= state.candidates[1] and first[1] ~= first[2], "drawn twice")
        state:vote {}
        """))
    #expect(twice.emitted.count == 48)
  }

  @Test func candidatesAreTakenBySomebody() async throws {
    let sample = "tacit.sample { stages = { tacit.generate {} } }"
    func pipeline(_ stages: String) throws -> Recipe {
      try loadText(
        """
        local tacit = require "tacit"
        local own = tacit.stage { name = "own", run = function() end }
        return tacit.pipeline { name = "p", tacit.prompt {}, \(stages) }
        """, registry: .builtIn())
    }
    for (stages, words) in [
      (sample, ["leaves candidates", "add tacit.vote {}"]),
      (sample + ", tacit.generate {}", ["leaves candidates"]),
      ("tacit.vote {}", ["'vote' needs 'candidates'"]),
      ("tacit.sample {}", ["needs option 'stages'"]),
      ("tacit.sample { stages = tacit.generate {} }", ["also for a single stage"]),
      ("tacit.sample { stages = { own } }", ["a stage written in the recipe at position 1"]),
      ("tacit.sample { stages = { 1 } }", ["position 1"]),
    ] {
      let error = #expect(throws: Fault.self) { try pipeline(stages) }
      for word in words { #expect("\(error ?? Fault(message: ""))".contains(word), "\(stages)") }
    }
    #expect(try pipeline(sample + ", tacit.vote {}").stages.count == 3)
    let none = try load("state:vote {}")
    await #expect(throws: Fault.self) { try await run(none) }
  }

  // MARK: Budget

  /// A used-up budget is the end of the pipeline and no error, wherever the recipe meets it.
  @Test(arguments: [
    "state:generate(sampled)", "state:run(tacit.generate(sampled))",
    "local f = function() state:generate(sampled) end f()",
    "pcall(state.generate, state, sampled)",
  ])
  func aUsedUpBudgetEndsThePipeline(call: String) async throws {
    let recipe = try load("\(call) state:finish 'not reached'")
    let free = try await run(load(call))
    #expect(free.reason == .length && free.tokens.count == 12)
    let promptRows = free.counts.positions - 11

    let tokens = try await run(recipe, budget: Budget(tokens: 5))
    #expect(tokens.reason == .budget && tokens.counts.tokens == 5)
    #expect(tokens.tokens == Array(free.tokens.prefix(5)))
    #expect(!tokens.text.isEmpty && free.text.hasPrefix(tokens.text))

    // The prompt gives the first token, each further row one more.
    let rows = try await run(recipe, budget: Budget(positions: promptRows + 4))
    #expect(rows.reason == .budget && rows.counts.positions == promptRows + 4)
    #expect(rows.tokens == Array(free.tokens.prefix(5)))
    #expect(!rows.text.isEmpty && free.text.hasPrefix(rows.text))

    let none = try await run(recipe, budget: Budget(positions: promptRows - 1))
    #expect(none.reason == .budget && none.counts.positions == 0 && none.text.isEmpty)
  }

  /// Neither a restore nor a fork brings spent tokens back.
  @Test func forksAndRestoresShareTheBudget() async throws {
    let recipe = try load(
      """
      local memory, fork = state:checkpoint(), state:fork()
      assert(state.budget.tokens == 30)
      state:generate(greedy)
      state:restore(memory)
      assert(state.budget.tokens == 18 and fork.budget.tokens == 18)
      fork:generate(greedy)
      assert(state.budget.tokens == 6 and fork.budget.tokens == 6)
      state:generate(greedy)
      """)
    let outcome = try await run(recipe, budget: Budget(tokens: 30))
    #expect(outcome.reason == .budget && outcome.counts.tokens == 30)
    #expect(outcome.tokens == Array(outcome.emitted.prefix(6)))
    #expect(outcome.emitted.dropFirst(12).prefix(12) == outcome.emitted.prefix(12))
  }

  /// The end of the budget cannot be caught, so that no loop goes on without one.
  @Test func anEndlessLoopEndsWithTheBudget() async throws {
    let recipe = try load("while true do pcall(state.generate, state, greedy) end")
    let tokens = try await run(recipe, budget: Budget(tokens: 30))
    #expect(tokens.reason == .budget && tokens.tokens.count == 30)
    let rows = try await run(recipe, budget: Budget(positions: 30))
    #expect(rows.reason == .budget && rows.counts.positions == 30)
  }

  // MARK: Text as it comes

  /// What is handed on piece by piece is the text of the completion, whatever was taken back.
  @Test(arguments: [
    "state:generate(sampled)",
    "local m = state:checkpoint() state:generate(sampled) state:restore(m) state:generate(sampled)",
    "local text = state:generate(sampled) state:finish('answer: ' .. text)",
  ])
  func streamedTextIsTheText(body: String) async throws {
    let pieces = Mutex("")
    let completion = try await load(body).pipeline.run(
      SampleInput(name: "test/0", question: "the cat"), model: testModel.get(),
      options: RunOptions(onText: { piece in pieces.withLock { $0 += piece } }))
    #expect(!completion.text.isEmpty)
    #expect(pieces.withLock { $0 } == completion.text)
  }

  @Test func notesAreInTheTrace() async throws {
    let outcome = try await run(load("state:note 'planner' state:generate { max_new_tokens = 1 }"))
    #expect(outcome.trace.first?.kind == .event && outcome.trace.first?.stage == "s")
    #expect(outcome.trace.first?.details == ["note": "planner"])
    #expect(outcome.counts.tokens == 1)
  }

  // MARK: Many samples

  /// Samples of one script state that wait for the model together are not mixed up.
  @Test func concurrentSamplesAreTheSameAsAlone() async throws {
    let recipe = try load(
      """
      local n, parts = #state.question, {}
      for i = 1, 3 do
        local memory, fork = state:checkpoint(), state:fork()
        fork:think { latent_steps = 1 + (n + i) % 4 }
        fork:read " so"
        parts[#parts + 1] = fork:generate(sampled)
        if state.rng:uniform() < 0.5 then state:restore(fork) else state:restore(memory) end
        parts[#parts + 1] = state:generate { max_new_tokens = 1 + n % 5, temperature = 0.9 }
        state:sample { n = 1 + n % 3, stages = { tacit.generate(sampled) } }
        parts[#parts + 1] = table.concat(state.candidates, "/")
      end
      state:finish(state.sample_id .. ":" .. table.concat(parts, "|"))
      """)
    let words = ["the", "cat", "sat", "on", "a", "mat", "and", "then", "some"]
    @Sendable func question(_ index: Int) -> String {
      (0...index * 5 % 40).map { words[($0 + index) % words.count] }.joined(separator: " ")
    }
    var alone: [Outcome] = []
    for index in 0..<32 {
      alone.append(try await run(recipe, question: question(index), sample: "test/\(index)"))
    }
    #expect(Set(alone.map(\.text)).count == 32)
    let together = try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      for index in 0..<32 {
        group.addTask {
          (index, try await run(recipe, question: question(index), sample: "test/\(index)"))
        }
      }
      return try await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
    }
    for index in 0..<32 {
      #expect(together[index]?.counts == alone[index].counts, "sample \(index)")
      let isSame = together[index] == alone[index]
      #expect(isSame, "sample \(index)")
    }
  }
}
