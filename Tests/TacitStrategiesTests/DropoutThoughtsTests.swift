import TacitFault
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTesting
import Testing

/// What thoughts under dropout promise beyond the authors' numbers.
@Suite struct DropoutThoughtsTests {
  static let name = "dropout_thoughts"

  private static func run(
    _ options: [String: OptionValue], stage: String = name, steps: Int = 4, model: String = "llama",
    _ sample: SampleInput = Refinement.sample
  ) async throws -> Completion {
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(6), "ignore_eos": .boolean(true),
    ]
    let options = options.merging(["latent_steps": .integer(steps)]) { $1 }
    let pipeline = try Pipeline(
      stage, [StageDraft("prompt"), StageDraft(stage, options), StageDraft("generate", decode)])
    return try await Refinement.run(
      pipeline, ReasoningModels(main: try Fixtures.reasoningModel(model)), sample)
  }

  private static let everywhere: [String: OptionValue] = [
    "covers_prompt": .boolean(true), "covers_last": .boolean(true),
    "covers_answer": .boolean(true),
  ]

  @Test(arguments: ["gpt2", "llama", "qwen3_bf16"]) func rateZeroIsCoconut(model: String)
    async throws
  {
    let coconut = try await Self.run([:], stage: "coconut", model: model)
    for options in [[:], Self.everywhere] {
      let found = try await Self.run(
        options.merging(["rate": .number(0)]) { $1 }, model: model)
      #expect(found.thoughts == coconut.thoughts)
      #expect(found.tokenIDs == coconut.tokenIDs)
      #expect(found.counts == coconut.counts)
      #expect(found.trace.count == coconut.trace.count)
    }
  }

  /// The first thought is made of the prompt, the last one waits for the end marker.
  @Test func whichRowsAreCovered() async throws {
    let coconut = try await Self.run([:], stage: "coconut")
    let thoughtsOnly = try await Self.run([:])
    #expect(thoughtsOnly.thoughts[..<1] == coconut.thoughts[..<1])
    #expect(zip(thoughtsOnly.thoughts, coconut.thoughts).dropFirst().allSatisfy { $0 != $1 })
    #expect(thoughtsOnly.counts == coconut.counts)
    let prompt = try await Self.run(["covers_prompt": .boolean(true)])
    #expect(zip(prompt.thoughts, coconut.thoughts).allSatisfy { $0 != $1 })
    let last = try await Self.run(["covers_last": .boolean(true)])
    #expect(last.thoughts == thoughtsOnly.thoughts)
    // It is read apart from the end marker, which is not covered.
    #expect(last.counts.positions == coconut.counts.positions)
    #expect(last.counts.forwardPasses == coconut.counts.forwardPasses + 1)

    // A single thought is the last one: by default none is covered.
    let single = try await Self.run([:], stage: "coconut", steps: 1)
    #expect(try await Self.run([:], steps: 1).tokenIDs == single.tokenIDs)
    #expect(try await Self.run([:], steps: 1).thoughts == single.thoughts)
    for option in ["covers_prompt", "covers_last", "covers_answer"] {
      let options: [String: OptionValue] = [option: .boolean(true), "rate": .number(0.5)]
      #expect(try await Self.run(options, steps: 1).tokenIDs != single.tokenIDs)
    }
  }

  /// Each branch draws masks of its own, the same ones in every run; the trace names them.
  @Test(arguments: [false, true]) func branchesHaveMasksOfTheirOwn(coversPrompt: Bool) async throws
  {
    let think = try Refinement.plugin(
      Self.name, ["latent_steps": .integer(3), "covers_prompt": .boolean(coversPrompt)])
    let decode = try Refinement.plugin("generate", ["max_new_tokens": .integer(4)])
    let pipeline = try Pipeline(
      "branches",
      [
        StageDraft("prompt"),
        StageDraft("sample", ["n": .integer(4), "stages": .plugins([think, decode])]),
        StageDraft("vote"),
      ])
    let models = ReasoningModels(main: try Fixtures.reasoningModel("gpt2"))
    let found = try await Refinement.run(pipeline, models)
    #expect(Set(found.trace.compactMap { $0.details["key"]?.string }).count == 4)
    #expect(Set(found.thoughts).count == (coversPrompt ? 12 : 9))
    let again = try await Refinement.run(pipeline, models)
    #expect(again.trace == found.trace && again.counts == found.counts)
    var other = Refinement.sample
    other.repetition = 1
    let repeated = try await Refinement.run(pipeline, models, other)
    #expect(Set(repeated.thoughts).intersection(found.thoughts).count == (coversPrompt ? 0 : 1))
  }

  /// What cannot be read anew is refused.
  @Test func droppedRowsCannotBeCovered() async throws {
    let pipeline = try Pipeline(
      "dropped",
      [
        StageDraft("latent_agent", ["format": .string("plain"), "keep": .string("latent")]),
        StageDraft(Self.name, ["covers_prompt": .boolean(true)]),
      ])
    let error = await #expect(throws: Fault.self) {
      try await Refinement.run(
        pipeline, ReasoningModels(main: try Fixtures.reasoningModel("gpt2")))
    }
    #expect(error?.hint == "an earlier stage has dropped the others")
  }

  @Test func unknownSitesAreRefused() throws {
    #expect(throws: Fault.self) {
      try Pipeline("x", [StageDraft(Self.name, ["sites": .list([.string("feedforward")])])])
    }
  }
}
