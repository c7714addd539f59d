import TacitFault
import TacitModel
import TacitReasoning
import TacitTesting
import Testing

/// What a state knows of its last row, and what it refuses.
@Suite struct StateRowsTests {
  private func run(
    _ body: @escaping @Sendable (inout ReasoningState) async throws -> Void
  ) async throws {
    let pipeline = try Pipeline("test", [StageDraft("prompt")], then: TestStage(body))
    _ = try await pipeline.run(
      SampleInput(name: "s", question: "the cat sat on a mat"),
      model: Fixtures.reasoningModel("gpt2"), options: RunOptions())
  }

  /// A range that ends at the last row keeps its state, and one that does not says so.
  @Test func rangesOfRows() async throws {
    try await run { state in
      let expected = try await state.hidden()
      let count = state.rowCount
      try state.crop(to: 0)
      let rows = state.promptTokenIDs.map { InputRow.token($0) }
      _ = try await state.read(rows, want: [.states(.finalNorm, .rows(0..<count))])
      let found = try await state.hidden()
      #expect(found == expected)
      try state.crop(to: 0)
      _ = try await state.read(rows, want: [.states(.finalNorm, .rows(0..<count - 1))])
      do {
        _ = try await state.hidden()
        Issue.record("the last row's state was not asked for")
      } catch let fault as Fault {
        #expect(fault.found == "none" && fault.hint?.contains("feed a row first") == true)
      }
    }
  }

  /// A crop that cannot be takes nothing away, and one to all rows forgets nothing.
  @Test func cropsThatCannotBe() async throws {
    try await run { state in
      let expected = try await state.hidden()
      state.mark(3)
      let count = state.rowCount
      for impossible in [-1, count + 1, .min, .max] {
        do {
          try state.crop(to: impossible)
          Issue.record("a crop to \(impossible) rows")
        } catch is Fault {}
        #expect(state.rowCount == count && state.rows.count == count)
      }
      try state.crop(to: count - 1)
      try state.crop(to: count - 1)
      #expect(state.rowCount == count - 1 && state.rows.count == count - 1)
      try state.crop(to: 0)
      try state.read(tokenIDs: state.promptTokenIDs)
      let found = try await state.hidden()
      #expect(found == expected)
    }
  }
}
