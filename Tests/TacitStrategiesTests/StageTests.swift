import Foundation
import Synchronization
import TacitFault
import TacitJSON
import TacitReasoning
import TacitTesting
import Testing

/// What the first stages promise beyond the conformance of all.
@Suite struct StageTests {
  private func run(
    _ stages: [StageDraft], _ question: String, then body: (any StageBody)? = nil,
    model name: String = "gpt2", options: RunOptions = RunOptions()
  ) async throws -> Completion {
    let model = try Fixtures.reasoningModel(name)
    return try await Pipeline("test", stages, then: body).run(
      SampleInput(name: "test", question: question), model: model, options: options)
  }

  /// Decoding with forced text: the stop text is looked for in what is sampled and forced alike.
  @Test func stopTextsEndAndAreCutOff() async throws {
    let ids: [String: OptionValue] = ["max_new_tokens": .integer(24), "ignore_eos": .boolean(true)]
    let free = try await run([StageDraft("prompt"), StageDraft("generate", ids)], "the cat")
    let stop = try #require(free.text.dropFirst(9).first.map { String($0) })
    var streamed = RunOptions()
    let pieces = Mutex("")
    streamed.onText = { piece in pieces.withLock { $0 += piece } }
    let options = ids.merging(["stop": .list([.string(stop)])]) { $1 }
    let cut = try await run(
      [StageDraft("prompt"), StageDraft("generate", options)], "the cat", options: streamed)
    let end = try #require(free.text.firstRange(of: stop)?.lowerBound)
    #expect(cut.text == String(free.text[..<end]) && cut.finishReason == .stop)
    #expect(free.tokenIDs.starts(with: cut.tokenIDs) && cut.tokenIDs.count < free.tokenIDs.count)
    #expect(pieces.withLock { $0 } == cut.text)
  }

  @Test func promptTemplatesAndIDs() async throws {
    let model = try Fixtures.reasoningModel("gpt2")
    let template = try await run(
      [StageDraft("prompt", ["template": .string("Q: {question}")])], "a cat")
    #expect(template.promptTokenIDs == (try model.tokenizer.encode("Q: a cat")))
    let ids: OptionValue = .list([.integer(700), .integer(9999)])
    await #expect(throws: Fault.self) {
      try await run([StageDraft("prompt", ["token_ids": ids])], "")
    }
    await #expect(throws: Fault.self) {
      try await run([StageDraft("prompt"), StageDraft("generate")], "")
    }
  }

  /// Markers that the tokenizer has but the embedding matrix has not are found by the check.
  @Test func markersBeyondTheEmbeddings() throws {
    let folder = try TemporaryFolder()
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: Fixtures.model("gpt2") + "/" + name, toPath: folder.path + "/" + name)
    }
    let text = try String(
      contentsOfFile: Fixtures.model("gpt2") + "/tokenizer.json", encoding: .utf8)
    var members = try #require(try JSON(parsing: text).object)
    let more = (0..<9).map {
      JSON.object(["id": .integer($0), "content": .string("<more \($0)>")])
    }
    members["added_tokens"] = .array(more + (members["added_tokens"]?.array ?? []))
    try folder.write(try JSON.object(members).text().utf8, to: "tokenizer.json")
    let model = try ReasoningModel(.init(name: "grown", folder: folder.path), scheduler: .init())
    let pipeline = try Pipeline("test", [StageDraft("prompt"), StageDraft("pause")])
    let error = #expect(throws: Fault.self) {
      try pipeline.check(ReasoningModels(main: model))
    }
    #expect(error?.found?.hasSuffix("beyond its 768 embeddings") == true)
  }
}
