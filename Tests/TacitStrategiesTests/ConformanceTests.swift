import Synchronization
import TacitModel
import TacitReasoning
import TacitStrategies
import TacitTensor
import TacitTesting
import Testing

/// What every plugin of the registry owes its users.
@Suite(.serialized) struct ConformanceTests {
  static let registry = (try? PluginRegistry.builtIn()) ?? .empty
  static let stages = registry.manifests(of: .stage).map(\.name)

  @Test(arguments: registry.manifests) func isDocumented(manifest: PluginManifest) {
    let isName = manifest.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }
    #expect(isName)
    #expect(manifest.summary.hasSuffix(".") || manifest.summary.hasSuffix(")."))
    #expect(manifest.summary.count <= 100 && !manifest.source.isEmpty)
    for option in manifest.options {
      #expect(option.summary.hasSuffix("."), "\(manifest.name).\(option.name)")
    }
  }

  @Test(arguments: registry.manifests) func canBeMade(manifest: PluginManifest) throws {
    _ = try Self.registry.make(
      ConfiguredPlugin(manifest: manifest, options: try Self.options(of: manifest)))
  }

  /// Options of a short run with sampling, as far as a plugin has them, and those of its example.
  static func options(
    of manifest: PluginManifest, tokens: Int = 12
  ) throws -> [String: OptionValue] {
    let short: [String: OptionValue] = [
      "max_new_tokens": .integer(tokens), "temperature": .number(0.9), "top_p": .number(0.95),
      "ignore_eos": .boolean(true), "latent_steps": .integer(3), "n": .integer(3),
      "window_size": .integer(2), "max_switch_count": .integer(1),
    ]
    var options: [String: OptionValue] = [:]
    for option in manifest.options {
      if option.kind == .stages {
        options[option.name] = .plugins([
          try Refinement.plugin("think", ["latent_steps": .integer(2)]),
          // Three times as many are what other stages decode.
          try Refinement.plugin(
            "generate",
            [
              "max_new_tokens": .integer(tokens / 3), "temperature": .number(0.9),
              "ignore_eos": .boolean(true),
            ]),
        ])
      } else {
        options[option.name] = short[option.name]
      }
    }
    return options.merging(manifest.example) { $1 }
  }

  /// A pipeline around a stage, made of what it requires, its own options and what it leaves open.
  ///
  /// A stage that only prepares a text comes twice, the second time with the last of each choice;
  /// one that provides nothing shapes what follows, and stands before the prompt.
  static func pipeline(around name: String, budget: Budget = Budget()) throws -> Pipeline {
    func draft(_ manifest: PluginManifest) throws -> StageDraft {
      StageDraft(manifest.name, try options(of: manifest))
    }
    let stage = try #require(registry.manifest(named: name))
    let sample = try draft(try #require(registry.manifest(named: "sample")))
    var drafts = [try draft(stage)]
    if stage.requires.contains(.candidates) { drafts.insert(sample, at: 0) }
    if !stage.requires.isEmpty { drafts.insert(StageDraft("prompt"), at: 0) }
    if stage.provides.isEmpty {
      drafts += [
        StageDraft("prompt"), try draft(try #require(registry.manifest(named: "generate"))),
      ]
    } else if stage.provides.contains(.candidates) {
      drafts.append(StageDraft("vote"))
    } else if !stage.provides.contains(.text) {
      var others = try options(of: stage)
      for case (let option, .choice(let names)) in stage.options.map({ ($0.name, $0.kind) }) {
        others[option] = names.last.map { .string($0) }
      }
      drafts.append(StageDraft(name, others))
      drafts.append(try draft(try #require(registry.manifest(named: "generate"))))
    }
    return try Pipeline(name, drafts, budget: budget)
  }

  static func sample(_ index: Int) -> SampleInput {
    let words = ["the", "cat", "sat", "on", "a", "mat", "and", "then", "some"]
    let text = (0...index * 5 % 40).map { words[($0 + index) % words.count] }
    return SampleInput(name: "test/\(index)", question: text.joined(separator: " "))
  }

  /// Everything but times.
  struct Outcome: Equatable {
    let tokens: [Int]
    let text: String
    let reason: Completion.FinishReason
    let counts: Counts
    let trace: [TraceStep]

    init(_ completion: Completion) {
      tokens = completion.tokenIDs
      text = completion.text
      reason = completion.finishReason
      counts = completion.counts
      trace = completion.trace
    }
  }

  static func run(
    _ pipeline: Pipeline, _ index: Int, _ model: ReasoningModel
  ) async throws -> Outcome {
    let options = RunOptions(seed: 5, trace: .vectors)
    return Outcome(try await pipeline.run(sample(index), model: model, options: options))
  }

  /// The same recipe, seed and sample give the same bytes alone, in a batch of 32 of all
  /// stages, and with 1 and 2 threads.
  @Test(arguments: ["gpt2", "llama", "qwen3", "qwen3_bf16"])
  func aloneAndAmongOthers(name: String) async throws {
    let pipelines = try Self.stages.map { try Self.pipeline(around: $0) }
    let model = try Fixtures.reasoningModel(name)
    var alone: [Outcome] = []
    for index in 0..<32 {
      alone.append(try await Self.run(pipelines[index % pipelines.count], index, model))
    }
    let threads = Threads.count
    defer { Threads.setCount(threads) }
    for threads in [1, 2] {
      Threads.setCount(threads)
      let together = try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
        for index in 0..<32 {
          group.addTask {
            (index, try await Self.run(pipelines[index % pipelines.count], index, model))
          }
        }
        return try await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
      }
      for index in 0..<32 { #expect(together[index] == alone[index], "sample \(index)") }
    }
  }

  @Test(arguments: stages, [3, 9, 20]) func respectsTheBudget(stage: String, limit: Int)
    async throws
  {
    let model = try Fixtures.reasoningModel("llama")
    let free = try await Self.run(Self.pipeline(around: stage), 1, model)
    let rows = try await Self.run(
      Self.pipeline(around: stage, budget: Budget(positions: limit)), 1, model)
    #expect(rows.counts.positions <= limit)
    #expect(rows.reason == (free.counts.positions > limit ? .budget : .length))
    let tokens = try await Self.run(
      Self.pipeline(around: stage, budget: Budget(tokens: limit)), 1, model)
    #expect(tokens.counts.tokens == min(limit, 12))
    #expect(tokens.reason == (limit < 12 ? .budget : .length))
  }

  /// A cancelled run throws, frees its memory and lets others go on.
  @Test(arguments: stages) func cancellationLeavesNothingBehind(stage: String) async throws {
    let model = try Fixtures.reasoningModel("llama")
    let pipeline = try Self.pipeline(around: stage)
    let alone = try await Self.run(pipeline, 2, model)
    let cancelled = Task {
      let forever = TestStage { state in
        while true {
          var fork = state
          fork.mark(5)
          _ = try await fork.hidden()
        }
      }
      _ = try await Self.run(
        try Pipeline("endless", [StageDraft("prompt")], then: forever), 3, model)
    }
    let other = Task { try await Self.run(pipeline, 2, model) }
    try await Task.sleep(for: .milliseconds(5))
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    #expect(try await other.value == alone)
    #expect(try await Self.run(pipeline, 2, model) == alone)
  }

  /// Without thoughts Coconut and its control are the question between the markers.
  @Test func neutralSettings() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    let markers = try model.latentMarkers()
    let decode = StageDraft("generate", ["max_new_tokens": .integer(10)])
    let ids = try model.tokenizer.encode("the cat")
    let plain = try Pipeline(
      "plain",
      [
        StageDraft(
          "prompt",
          ["token_ids": .list((ids + [markers.start, markers.end]).map { .integer($0) })]),
        decode,
      ])
    let input = SampleInput(name: "x", question: "the cat")
    let expected = try await plain.run(input, model: model)
    for stage in ["coconut", "pause"] {
      let pipeline = try Pipeline(
        stage, [StageDraft("prompt"), StageDraft(stage, ["latent_steps": .integer(0)]), decode])
      let found = try await pipeline.run(input, model: model)
      #expect(found.tokenIDs == expected.tokenIDs)
      #expect(found.counts == expected.counts)
    }
  }

  /// The control costs what Coconut costs, row by row, and reads the marker's embedding.
  @Test func pauseIsCoconutWithoutRecurrence() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    var counts: [Counts] = []
    for stage in ["coconut", "pause"] {
      let pipeline = try Pipeline(
        stage,
        [StageDraft("prompt"), StageDraft(stage), StageDraft("generate")])
      let completion = try await pipeline.run(
        SampleInput(name: "x", question: "the cat"), model: model,
        options: RunOptions(trace: .vectors))
      counts.append(completion.counts)
      let vectors = completion.trace.compactMap { $0.vector }
      #expect(vectors.count == 6)
      let marker = model.embedding(of: try model.latentMarkers().latent)
      #expect(vectors.allSatisfy { ($0 == marker) == (stage == "pause") })
    }
    #expect(counts[0].positions == counts[1].positions)
    #expect(counts[0].latentSteps == counts[1].latentSteps)
    #expect(counts[0].forwardPasses == counts[1].forwardPasses + 6)
  }
}
