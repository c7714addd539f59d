import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitTesting
import Testing

@testable import TacitReasoning
@testable import TacitStrategies

/// Steering against the authors' own program: vectors of ten pairs, and what they make of a prompt.
@Suite struct SteerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var key: String { value["key"]?.string ?? "" }
    var testDescription: String { "\(model) \(key)" }
  }

  static let models = ["llama", "qwen3_untied"]
  static let cases: [Case] = models.flatMap { model in
    let golden = try? Fixtures.json("fractional/\(model).json")
    return (golden?["cases"]?.array ?? []).map { Case(model: model, value: $0) }
  }

  @Test func allCasesAreThere() { #expect(Self.cases.count == 10) }

  /// A file of vectors, and what is done with it.
  static func withFile<Value>(
    _ rows: [[Float]], _ body: (ModuleFile) async throws -> Value
  ) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "steer-\(UUID().uuidString).safetensors"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try SafeTensorsFile.write(
      [.init("vectors", shape: [rows.count, rows[0].count], values: rows.flatMap { $0 })], to: path)
    return try await body(try ModuleFile(path: path))
  }

  static func run(
    _ options: [String: OptionValue], _ ids: [Int], _ model: ReasoningModel, tokens: Int
  ) async throws -> (completion: Completion, logits: [Float]) {
    let logits = Logits()
    let decode: [String: OptionValue] = [
      "max_new_tokens": .integer(tokens), "ignore_eos": .boolean(true),
    ]
    let prompt = StageDraft("prompt", ["token_ids": .list(ids.map { .integer($0) })])
    let probe = PipelineStage(
      name: "probe", requires: [], provides: [], location: nil, body: logits)
    var stages = try [StageDraft("steer", options), prompt].map { try $0.stage() }
    stages += [probe, try StageDraft("generate", decode).stage()]
    let completion = try await Pipeline(name: "steer", stages: stages).run(
      SampleInput(name: "steer", question: ""), model: model)
    return (completion, await logits.value)
  }

  /// Keeps the logits behind the prompt.
  actor Logits: StageBody {
    private(set) var value: [Float] = []

    nonisolated func run(_ state: inout ReasoningState, in context: StageContext) async throws {
      let logits = try await state.logits()
      await keep(logits)
    }

    private func keep(_ logits: [Float]) { value = logits }
  }

  @Test(arguments: models) func vectorsOfPairs(name: String) async throws {
    let golden = try Golden("fractional/" + name)
    let model = try Fixtures.reasoningModel(name)
    let pairs = (golden.cases["demos"]?.array ?? []).map {
      SteeringVectors.Pair(
        positive: Golden.ids($0["positive_ids"]), negative: Golden.ids($0["negative_ids"]))
    }
    #expect(pairs.count == 10)
    let vectors = try await SteeringVectors(pairs, model: model)
    #expect(relativeDifference(vectors.rows, try golden.rows("icv")) < 1e-4)
    let shares = try golden.rows("explained_variance_ratio")[0]
    #expect(abs((vectors.explainedVariance ?? 0) - Double(shares[0])) < 1e-5)
    let given = SteeringVectors(
      differences: try golden.rows("differences"), width: model.configuration.hiddenSize)
    #expect(relativeDifference(given.rows, try golden.rows("icv")) < 1e-5)
  }

  @Test(arguments: cases) func steeredTokens(_ golden: Case) async throws {
    let arrays = try Golden("fractional/" + golden.model)
    let model = try Fixtures.reasoningModel(golden.model)
    let expected = Golden.ids(golden.value["tokens_no_eos_stop"])
    let alpha = try #require(golden.value["alpha"]?.number)
    try await Self.withFile(try arrays.rows("icv")) { file in
      let (completion, logits) = try await Self.run(
        ["vectors": .module(file), "alpha": .number(alpha)],
        Golden.ids(golden.value["prompt_ids"]), model, tokens: expected.count)
      #expect(completion.tokenIDs == expected)
      #expect(relativeDifference([logits], try arrays.rows(golden.key + ".first_logits")) < 1e-4)
    }
  }

  /// Without strength nothing changes; behind whole layers, or kept at full strength, it does.
  @Test func neutralAndOtherSettings() async throws {
    let arrays = try Golden("fractional/llama")
    let model = try Fixtures.reasoningModel("llama")
    let golden = try #require(Self.cases.first)
    let ids = Golden.ids(golden.value["prompt_ids"])
    let plain = Golden.ids(golden.value["tokens_without_steering"])
    try await Self.withFile(try arrays.rows("icv")) { file in
      func tokens(_ options: [String: OptionValue]) async throws -> [Int] {
        try await Self.run(
          options.merging(["vectors": .module(file)]) { $1 }, ids, model, tokens: plain.count
        ).completion.tokenIDs
      }
      #expect(try await tokens(["alpha": .number(0)]) == plain)
      let strong = try await tokens(["alpha": .number(0.5)])
      #expect(try await tokens(["alpha": .number(0.5), "ramp_steps": .integer(0)]) != strong)
      #expect(try await tokens(["alpha": .number(0.5), "site": .string("layer")]) != strong)
      let error = await #expect(throws: Fault.self) {
        try await Self.run(
          ["vectors": .module(file)], ids, try Fixtures.reasoningModel("gpt2"), tokens: 1)
      }
      #expect(error?.place.hasSuffix(": tensor 'vectors'") == true)
    }
    let error = #expect(throws: Fault.self) {
      try StageDraft("steer", ["alpha": .number(1)]).stage()
    }
    #expect(error?.position == "stage 'steer', option 'vectors'")
  }
}
