import Foundation
import Synchronization
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTensor
import TacitTesting
import Testing

@testable import TacitStrategies

/// What must hold of a latent team and of its realignment, whatever the weights.
@Suite struct LatentMASTests {
  static let prompts = [[1, 2, 3, 4, 5], [9, 8, 7], [11, 12, 13, 14, 15, 16, 17]]

  static func ids(_ ids: [Int]) -> OptionValue { .list(ids.map { .integer($0) }) }

  static func agent(_ ids: [Int], _ options: [String: OptionValue]) -> StageDraft {
    StageDraft(
      "latent_agent", ["prompt_token_ids": Self.ids(ids)].merging(options) { $1 })
  }

  static let input = SampleInput(name: "x", question: "the cat")

  /// Without thoughts, agents on one memory are their prompts one after the other.
  @Test(arguments: ["gpt2", "qwen3_untied"]) func withoutThoughts(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    let decode = StageDraft("generate", ["max_new_tokens": .integer(12)])
    let whole = StageDraft("prompt", ["token_ids": Self.ids(Array(Self.prompts.joined()))])
    let agents = Self.prompts.map { Self.agent($0, ["latent_steps": .integer(0)]) }
    let expected = try await Pipeline("whole", [whole, decode]).run(Self.input, model: model)
    let found = try await Pipeline("agents", agents + [decode]).run(Self.input, model: model)
    #expect(found.tokenIDs == expected.tokenIDs)
    #expect(found.counts == expected.counts)
    #expect(found.promptTokenIDs == expected.promptTokenIDs)
  }

  struct Kept: Sendable {
    let keep: String
    let positions: String
    let columns: Int
    let next: Int
  }

  @Test(arguments: [
    Kept(keep: "all", positions: "continue", columns: 16, next: 16),
    Kept(keep: "all", positions: "restart", columns: 16, next: 16),
    Kept(keep: "turn", positions: "continue", columns: 7, next: 16),
    Kept(keep: "turn", positions: "restart", columns: 7, next: 7),
    Kept(keep: "latent", positions: "continue", columns: 4, next: 16),
    Kept(keep: "latent", positions: "restart", columns: 4, next: 4),
  ]) func whatRemains(_ kept: Kept) async throws {
    let model = try Fixtures.reasoningModel("qwen3")
    let steps = OptionValue.integer(4)
    let found = Mutex((columns: 0, next: 0))
    let probe = TestStage { state in
      _ = try await state.hidden()
      let next = state.model.configuration.maximumPositions - state.remainingContext
      found.withLock { [count = state.memoryCount] in $0 = (count, next) }
    }
    let completion = try await Pipeline(
      "team",
      [
        Self.agent(Self.prompts[0], ["latent_steps": steps]),
        Self.agent(
          Self.prompts[1],
          [
            "latent_steps": steps, "keep": .string(kept.keep),
            "positions": .string(kept.positions), "role": .string("critic"),
          ]),
      ], then: probe
    ).run(Self.input, model: model, options: RunOptions(trace: .steps))
    #expect(found.withLock { $0 } == (kept.columns, kept.next))
    let last = try #require(completion.trace.last)
    #expect(last.kind == .event && last.details["role"] == "critic")
    #expect(last.details["memory"] == .integer(kept.columns))
    #expect(last.details["keep"] == .string(kept.keep))
  }

  /// Only distances matter: after everything was dropped, an agent's prompt stands alone.
  @Test func nothingRemains() async throws {
    let model = try Fixtures.reasoningModel("qwen3")
    let decode = StageDraft("generate", ["max_new_tokens": .integer(12)])
    let alone = try await Pipeline(
      "alone", [Self.agent(Self.prompts[2], ["latent_steps": .integer(0)]), decode]
    ).run(Self.input, model: model)
    for restarts in [false, true] {
      let drop = TestStage { try await $0.keepTail(0, restartsPositions: restarts) }
      let first = Self.agent(Self.prompts[0], ["latent_steps": .integer(0)])
      let last = Self.agent(Self.prompts[2], ["latent_steps": .integer(0)])
      let stages =
        try Pipeline("", [first], then: drop).stages + Pipeline("", [last, decode]).stages
      let found = try await Pipeline(name: "team", stages: stages).run(Self.input, model: model)
      #expect(found.tokenIDs == alone.tokenIDs)
    }
  }

  @Test func readsItsOwnPrompt() async throws {
    let model = try Fixtures.reasoningModel("llama")
    func read(_ options: [String: OptionValue], twice: Bool = false) async throws -> [Int] {
      let draft = StageDraft(
        "latent_agent",
        options.merging(["latent_steps": .integer(0), "format": .string("plain")]) { a, _ in a })
      return try await Pipeline("one", twice ? [draft, draft] : [draft])
        .run(Self.input, model: model).promptTokenIDs
    }
    let encode = model.tokenizer.encode
    let texts: [String: OptionValue] = [
      "system": .string("Be brief."), "user": .string("Is {question} here?"),
      "think_marker": .boolean(true),
    ]
    let text = "Be brief.\n\nIs the cat here?<think>"
    #expect(try await read(texts) == encode(text, true))
    // What the tokenizer puts before every text stands before the first agent's only.
    let twice = try encode(text, true) + encode(text, false)
    #expect(try await read(texts, twice: true) == twice)
  }

  /// The same conversation as the stage `chat`, where there is a template; else a clear refusal.
  @Test func chatFormat() async throws {
    let plain = try Fixtures.reasoningModel("qwen2")
    let agent = StageDraft(
      "latent_agent",
      ["system": .string("Be brief."), "user": .string("{question}?"), "latent_steps": .integer(0)])
    let pipeline = try Pipeline("agent", [agent])
    #expect(throws: Fault.self) { try pipeline.check(ReasoningModels(main: plain)) }
    let folder = try TemporaryFolder()
    let files = FileManager.default
    for file in try files.contentsOfDirectory(atPath: Fixtures.model("qwen2")) {
      try files.copyItem(
        atPath: Fixtures.model("qwen2") + "/" + file, toPath: folder.path + "/" + file)
    }
    try files.copyItem(
      atPath: Fixtures.folder + "/chat/chatml.jinja",
      toPath: folder.path + "/chat_template.jinja")
    let model = try ReasoningModel(
      .init(name: "chatty", folder: folder.path), scheduler: Scheduler())
    try pipeline.check(ReasoningModels(main: model))
    let chat = StageDraft("chat", ["system": .string("Be brief."), "user": .string("{question}?")])
    let expected = try await Pipeline("chat", [chat]).run(Self.input, model: model)
    let found = try await pipeline.run(Self.input, model: model)
    #expect(!found.promptTokenIDs.isEmpty)
    #expect(found.promptTokenIDs == expected.promptTokenIDs)
  }

  /// Rows taken over stand where the text says, as if all had been one prompt.
  @Test func rowsInTheMiddle() async throws {
    let model = try Fixtures.reasoningModel("llama")
    let decode = StageDraft("generate", ["max_new_tokens": .integer(8)])
    let first = Self.agent(Self.prompts[0], ["latent_steps": .integer(0)])
    let second = StageDraft(
      "latent_agent",
      [
        "user": .string("I see {memory} on {question}."), "format": .string("plain"),
        "latent_steps": .integer(0), "transfer": .string("rows"),
      ])
    let found = try await Pipeline("rows", [first, second, decode]).run(Self.input, model: model)
    let encode = model.tokenizer.encode
    let joined =
      try encode("I see ", true) + Self.prompts[0] + encode(" on the cat.", false)
    let whole = StageDraft("prompt", ["token_ids": Self.ids(joined)])
    let expected = try await Pipeline("whole", [whole, decode]).run(Self.input, model: model)
    #expect(found.tokenIDs == expected.tokenIDs)
    #expect(found.counts.positions == expected.counts.positions + Self.prompts[0].count)
    let beyond = Self.agent(Self.prompts[0], ["insert_at": .integer(6)])
    #expect(throws: Fault.self) {
      try Pipeline("beyond", [beyond]).check(ReasoningModels(main: model))
    }
  }

  // MARK: Realignment

  static func settings(_ change: (inout Realignment.Settings) -> Void) -> Realignment.Settings {
    var settings = Realignment.Settings(solves: true)
    change(&settings)
    return settings
  }

  @Test(arguments: ["qwen3", "qwen3_untied"]) func matrixOfTheAuthors(name: String) throws {
    let model = try Fixtures.reasoningModel(name)
    let golden = try Golden("latentmas/" + name)
    let found = try Realignment(model, Self.settings { _ in })
    let matrix = try #require(found.matrix)
    let rows = (0..<matrix.rows).map { matrix[$0] }
    #expect(relativeDifference(rows, try golden.rows("realign.matrix")) < 1e-4)
    let norm = try #require(golden.cases["target_norm"]?.number)
    #expect(abs(found.meanNorm / norm - 1) < 1e-6)
    let all = try Realignment(model, Self.settings { $0.countsAllRows = true })
    let allNorm = try #require(golden.cases["target_norm_without_resize"]?.number)
    #expect(abs(all.meanNorm / allNorm - 1) < 1e-6)
    #expect(abs(all.meanNorm / model.meanEmbeddingNorm - 1) < 1e-9)
  }

  /// With tied weights W is (G + λI)⁻¹ G: the identity but for the ridge.
  @Test(arguments: ["qwen3", "gpt2", "qwen2"]) func tiedWeights(name: String) throws {
    let model = try Fixtures.reasoningModel(name)
    let width = model.configuration.hiddenSize
    let matrix = try #require(try Realignment(model, Self.settings { _ in }).matrix)
    let identity = (0..<width).map { row in (0..<width).map { $0 == row ? Float(1) : 0 } }
    #expect(relativeDifference((0..<width).map { matrix[$0] }, identity) < 1e-4)
    // A ridge of the size of the diagonal halves it, roughly.
    let strong = try Realignment(model, Self.settings { $0.relativeLambda = 1 })
    let trace = (0..<width).reduce(Float(0)) { $0 + (strong.matrix?[$1][$1] ?? 0) }
    #expect((0.3...0.6).contains(trace / Float(width)))
  }

  @Test(arguments: ["code", "paper", "none"]) func normalization(kind: String) async throws {
    let model = try Fixtures.reasoningModel("qwen3_untied")
    let map = try Realignment(model, Self.settings { _ in })
    var feedback = RealignFeedback()
    feedback.normalization = try #require(.init(rawValue: kind))
    let found = Mutex((hidden: [Float](), row: [Float]()))
    let probe = TestStage { [feedback] state in
      let thought = try await state.thought(step: 0, previousRow: nil, needsLogits: false)
      let row = try feedback.row(thought)
      found.withLock { $0 = (thought.hidden, row) }
    }
    _ = try await Pipeline("probe", [StageDraft("prompt")], then: probe)
      .run(Self.input, model: model)
    let (hidden, row) = found.withLock { $0 }
    let mapped = map.map(hidden)
    let scale = Double(row[0]) / Double(mapped[0])
    #expect(relativeDifference([row], [mapped.map { $0 * Float(scale) }]) < 1e-5)
    switch kind {
    case "code": #expect(abs(euclideanNorm(row) / map.meanNorm - 1) < 1e-5)
    case "paper":
      #expect(abs(scale * euclideanNorm(hidden) / map.meanNorm - 1) < 1e-5)
    default: #expect(row == mapped)
    }
  }

  /// The map is computed once for a model, whichever feedback asks.
  @Test func derivedOnce() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    final class Calls: Sendable {
      let count = Mutex(0)
      func next() -> Int {
        count.withLock {
          $0 += 1; return $0
        }
      }
    }
    let calls = Calls()
    let values = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { model.derived("test") { calls.next() } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(values == Array(repeating: 1, count: 8))
    #expect(model.derived("test 2") { 5 } == 5)
  }

  /// A team whose agents hand on nothing is refused when the recipe is loaded.
  @Test func aTeamWithNoMemory() {
    let error = #expect(throws: Fault.self) {
      try Pipeline(
        "team",
        [StageDraft("latent_agent", ["keep": .string("latent"), "latent_steps": .integer(0)])])
    }
    #expect(error?.hint?.contains("a team with no memory") == true)
  }
}
