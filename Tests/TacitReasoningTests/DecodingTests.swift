import Synchronization
import TacitReasoning
import TacitTesting
import Testing

/// What ends a text, and what of it is streamed, whoever writes it.
@Suite struct DecodingTests {
  /// Writes the tokens of a text by the rules, and returns what came of it.
  private func write(
    _ text: String, _ rules: Decoding, forcing prefix: String = ""
  ) async throws -> (completion: Completion, pieces: [String]) {
    let stage = TestStage { state in
      let tokenizer = state.model.tokenizer
      var decoded = try rules.begin(
        &state, forcing: tokenizer.encode(prefix, addSpecialTokens: false))
      for id in try tokenizer.encode(text, addSpecialTokens: false) {
        guard decoded.continues(state), !decoded.ends(with: id, &state) else { break }
        try state.emit(id)
        decoded.advance(&state)
      }
      #expect(!decoded.continues(state) || state.finishReason == .length)
    }
    let pieces = Mutex<[String]>([])
    var options = RunOptions()
    options.onText = { piece in pieces.withLock { $0.append(piece) } }
    let completion = try await Pipeline("test", [StageDraft("prompt")], then: stage).run(
      SampleInput(name: "test", question: "a"), model: Fixtures.reasoningModel("gpt2"),
      options: options)
    return (completion, pieces.withLock { $0 })
  }

  private func rules(_ stops: [String] = [], limit: Int = 100) -> Decoding {
    Decoding(sampling: Sampling(), maximumTokens: limit, stopTexts: stops)
  }

  @Test func stopTextsAreHeldBackUntilTheyCannotCome() async throws {
    let stops = ["", "abd", "cabcabx"]
    let whole = try await write("ab abc cabcab", rules(stops))
    #expect(whole.completion.text == "ab abc cabcab" && whole.completion.finishReason == .length)
    #expect(whole.pieces.joined() == "ab abc cabcab")
    let cut = try await write("ab abc cabcabd then more", rules(stops))
    #expect(cut.completion.text == "ab abc cabc" && cut.completion.finishReason == .stop)
    #expect(cut.pieces.joined() == "ab abc cabc")
    // The first place counts, and so does what is forced.
    let forced = try await write("x and abd", rules(stops), forcing: "ab abd cabcab")
    #expect(forced.completion.text == "ab " && forced.completion.finishReason == .stop)
  }

  @Test func forcedTokensCount() async throws {
    let prompt = try Fixtures.reasoningModel("gpt2").tokenizer
    let ids = try prompt.encode("one two three", addSpecialTokens: false)
    let limited = try await write("four", rules(limit: 2), forcing: "one two three")
    #expect(limited.completion.tokenIDs == Array(ids.prefix(2)))
    #expect(limited.completion.finishReason == .length)
  }

  @Test func endTokensEndTheTextButForTheFirst() async throws {
    let tokenizer = try Fixtures.reasoningModel("gpt2").tokenizer
    let ids = try tokenizer.encode("the cat the dog", addSpecialTokens: false)
    var rules = rules()
    rules.endIDs = Set(ids)
    let none = try await write("the cat the dog", rules)
    #expect(none.completion.tokenIDs.isEmpty && none.completion.finishReason == .endOfSequence)
    rules.skipsFirstEnd = true
    let some = try await write("the cat the dog", rules)
    #expect(some.completion.tokenIDs == [ids[0]])
    #expect(some.completion.finishReason == .endOfSequence)
    rules.ignoresEnd = true
    let all = try await write("the cat the dog", rules)
    #expect(all.completion.tokenIDs == ids && all.completion.finishReason == .length)
  }
}
