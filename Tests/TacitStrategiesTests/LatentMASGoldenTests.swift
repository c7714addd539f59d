import Synchronization
import TacitJSON
import TacitModel
import TacitStrategies
import TacitTesting
import Testing

@testable import TacitReasoning

/// LatentMAS against the authors' own program on the same random weights.
@Suite struct LatentMASGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var steps: Int { value["latent_steps"]?.integer ?? 0 }
    var solves: Bool { value["latent_space_realign"]?.boolean ?? false }
    var agents: [[Int]] { value["agents"]?.array?.map { Golden.ids($0) } ?? [] }
    var testDescription: String { "\(model) \(key)" }

    /// The authors' two ways to truncate the memory.
    var keep: String {
      if value["sequential_info_only"]?.boolean == true { return "turn" }
      return value["latent_only"]?.boolean == true ? "latent" : "all"
    }

    /// Without thoughts the authors' judger does not see the memory at all, or none is left.
    var judgerIsAlone: Bool { steps == 0 && keep != "turn" }

    /// Ids as given, without the end token that the authors count as generated.
    var generated: [Int] {
      let ids = Golden.ids(value["generated"])
      return ids.last.map(endIDs.contains) == true ? ids.dropLast() : ids
    }
    var endIDs: [Int] { Golden.ids(value["eos_ids"]) }

    func agent(_ ids: [Int], steps: Int) -> StageDraft {
      // <think> is one token here; the stage adds it.
      let hasMarker = value["think"]?.boolean == true
      return StageDraft(
        "latent_agent",
        [
          "prompt_token_ids": .list((hasMarker ? ids.dropLast() : ids).map { .integer($0) }),
          "think_marker": .boolean(hasMarker), "latent_steps": .integer(steps),
          "keep": .string(keep),
          "positions": .string("restart"), "feedback": realign(solves),
        ])
    }
  }

  static let models = ["qwen3", "qwen3_untied"]

  static let cases: [Case] = models.flatMap { list($0, "cases") }

  static func list(_ model: String, _ name: String) -> [Case] {
    let golden = try? Fixtures.json("latentmas/\(model).json")
    return (golden?[name]?.array ?? []).map { Case(model: model, value: $0) }
  }

  static func realign(_ solves: Bool) -> OptionValue {
    let manifest = ((try? PluginRegistry.builtIn()) ?? .empty).manifest(named: "realign")
    return manifest.map {
      .plugin(ConfiguredPlugin(manifest: $0, options: ["solve": .boolean(solves)]))
    } ?? .boolean(false)
  }

  static func decode(_ ends: [Int]) -> StageDraft {
    StageDraft(
      "generate",
      [
        "max_new_tokens": .integer(40), "eos_token_ids": .list(ends.map { .integer($0) }),
      ])
  }

  @Test func allCasesAreThere() { #expect(Self.cases.count == 32) }

  @Test(arguments: cases) func thoughtsMemoryAndTokens(_ golden: Case) async throws {
    let model = try Fixtures.reasoningModel(golden.model)
    let columns = Mutex<[Int]>([])
    let probe = TestStage { state in
      if state.rowCount > 0 { _ = try await state.hidden() }
      let count = state.memoryCount
      columns.withLock { $0.append(count) }
    }
    var stages: [PipelineStage] = []
    for ids in golden.agents.dropLast() where !golden.judgerIsAlone {
      stages += try Pipeline("", [], then: probe).stages
      stages += try Pipeline("", [golden.agent(ids, steps: golden.steps)], then: probe).stages
    }
    let judger = StageDraft(
      "latent_agent",
      [
        "prompt_token_ids": .list((golden.agents.last ?? []).map { .integer($0) }),
        "latent_steps": .integer(0),
      ])
    stages += try Pipeline("", [judger, Self.decode(golden.endIDs)]).stages
    let pipeline = Pipeline(name: "team", stages: stages)
    try pipeline.check(ReasoningModels(main: model))
    let completion = try await pipeline.run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))

    #expect(completion.tokenIDs == golden.generated)
    if golden.judgerIsAlone { return }
    let before = Golden.ids(golden.value["kv_len_before_agent"])
    let kept = Golden.ids(golden.value["kv_len_kept_after_agent"])
    #expect(columns.withLock { $0 } == zip(before, kept).flatMap { [$0, $1] })
    #expect(kept.last == golden.value["kv_len_seen_by_judger"]?.integer)
    let prompts = golden.agents.reduce(0) { $0 + $1.count }
    #expect(completion.promptTokenIDs.count == prompts)
    #expect(completion.counts.latentSteps == 3 * golden.steps)
    guard golden.steps > 0 else { return }
    let arrays = try Golden("latentmas/" + golden.model)
    let thoughts = completion.trace.compactMap(\.vector)
    #expect(relativeDifference(thoughts, try arrays.rows(golden.key + ".latents")) < 1e-4)
    let states = try await Self.states(golden, thoughts, model)
    #expect(relativeDifference(states, try arrays.rows(golden.key + ".hidden_in")) < 1e-4)
  }

  /// The states that thoughts come from, read without any stage: each agent's rows in one pass.
  static func states(
    _ golden: Case, _ thoughts: [[Float]], _ model: ReasoningModel
  ) async throws -> [[Float]] {
    var sequence = model.network.makeSequence()
    var states: [[Float]] = []
    for (index, ids) in golden.agents.dropLast().enumerated() {
      let own = thoughts[index * golden.steps..<(index + 1) * golden.steps]
      let rows = ids.map { InputRow.token($0) } + own.map { InputRow.vector($0) }
      let all = try #require(
        try await sequence.read(rows, want: [.states(.finalNorm, .all)])[.finalNorm])
      states += (ids.count - 1..<ids.count - 1 + golden.steps).map { all[$0] }
      if golden.keep == "all" { continue }
      try await sequence.keepTail(
        golden.keep == "turn" ? rows.count : golden.steps, restartsPositions: true)
    }
    return states
  }

  /// One agent, then one token: its state and logits.
  @Test(arguments: models.flatMap { list($0, "units") })
  func oneAgentThenAToken(_ golden: Case) async throws {
    let model = try Fixtures.reasoningModel(golden.model)
    let arrays = try Golden("latentmas/" + golden.model)
    let token = try #require(golden.value["then_token"]?.integer)
    let found = Mutex((hidden: [Float](), logits: [Float](), count: 0))
    let probe = TestStage { state in
      _ = try await state.hidden()
      let count = state.memoryCount
      state.mark(token)
      let (hidden, logits) = (try await state.hidden(), try await state.logits())
      found.withLock { $0 = (hidden, logits, count) }
    }
    let ids = Golden.ids(golden.value["input_ids"])
    let completion = try await Pipeline(
      "unit", [golden.agent(ids, steps: golden.steps)], then: probe
    ).run(
      SampleInput(name: golden.key, question: ""), model: model,
      options: RunOptions(trace: .vectors))
    let (hidden, logits, count) = found.withLock { $0 }
    #expect(count == golden.value["kv_len"]?.integer)
    let expected = try arrays.rows(golden.key + ".then_logits")
    // The authors cut the head to the tokenizer's size.
    #expect(relativeDifference([Array(logits.prefix(expected[0].count))], expected) < 1e-4)
    #expect(relativeDifference([hidden], try arrays.rows(golden.key + ".then_hidden")) < 1e-4)
    guard golden.steps > 0 else { return }
    let thoughts = completion.trace.compactMap(\.vector)
    #expect(relativeDifference(thoughts, try arrays.rows(golden.key + ".latents")) < 1e-4)
  }

  /// Where the authors' padded batches differ from their single rows, ours do not.
  @Test(arguments: models) func batchesEqualSingleRows(name: String) async throws {
    let model = try Fixtures.reasoningModel(name)
    let ends = Golden.ids(try Fixtures.json("latentmas/\(name).json")["eos_ids"])
    let batches = Self.list(name, "batches")
    #expect(batches.count == 2)
    for batch in batches {
      let rows = batch.value["rows"]?.array ?? []
      #expect(rows.count == 2)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for row in rows {
          let golden = Case(model: name, value: row)
          var drafts = golden.agents.dropLast().map { golden.agent($0, steps: batch.steps) }
          drafts.append(golden.agent(golden.agents.last ?? [], steps: 0))
          let pipeline = try Pipeline("row", drafts + [Self.decode(ends)])
          group.addTask {
            let completion = try await pipeline.run(
              SampleInput(name: "row", question: ""), model: model)
            let generated = Golden.ids(row["generated"]).prefix { !ends.contains($0) }
            #expect(completion.tokenIDs == Array(generated))
          }
        }
        try await group.waitForAll()
      }
    }
  }

  /// The authors' second program: the judger reads the rows of the others within its own prompt.
  @Test(arguments: models.flatMap { list($0, "embedding_path") })
  func rowsInPlaceOfMemory(_ golden: Case) async throws {
    let model = try Fixtures.reasoningModel(golden.model)
    let places = Golden.ids(golden.value["insert_at"])
    let lengths = Golden.ids(golden.value["prompt_embeds_lengths"])
    let expected = try Golden("latentmas/" + golden.model).rows(golden.key + ".latents")
    let ends = Golden.ids(try Fixtures.json("latentmas/\(golden.model).json")["eos_ids"])
    #expect(places.count == 2)
    for (row, place) in places.enumerated() {
      let agents = (golden.value["agents"]?[row]?.array ?? []).map { Golden.ids($0) }
      let judger = StageDraft(
        "latent_agent",
        [
          "prompt_token_ids": .list((agents.last ?? []).map { .integer($0) }),
          "latent_steps": .integer(0), "transfer": .string("rows"), "insert_at": .integer(place),
        ])
      let length = Mutex(0)
      let probe = TestStage { state in
        let count = state.rowCount
        length.withLock { $0 = count }
      }
      let team = agents.dropLast().map { golden.agent($0, steps: golden.steps) } + [judger]
      let stages =
        try Pipeline("", team, then: probe).stages
        + Pipeline("", [Self.decode(ends)]).stages
      let completion = try await Pipeline(name: "rows", stages: stages).run(
        SampleInput(name: golden.key, question: ""), model: model,
        options: RunOptions(trace: .vectors))
      let generated = Golden.ids(golden.value["generated"]?[row]).prefix { !ends.contains($0) }
      #expect(completion.tokenIDs == Array(generated))
      #expect(length.withLock { $0 } == lengths[row])
      let count = 3 * golden.steps
      let thoughts = completion.trace.compactMap(\.vector)
      let own = Array(expected[row * count..<(row + 1) * count])
      #expect(relativeDifference(thoughts, own) < 1e-4)
      let latent = completion.trace.filter { $0.kind == .latent }
      #expect(latent.allSatisfy { $0.details["role"] == .string("agent") })
    }
  }
}
