import Synchronization
import TacitJSON
import TacitReasoning
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel
@testable import TacitStrategies

/// Thoughts under dropout against the authors' own program, with the masks that it drew.
@Suite struct DropoutThoughtsGoldenTests {
  /// One sequence of a case.
  struct Row: Sendable, CustomTestStringConvertible {
    let value: JSON
    let number: Int
    var key: String { value["key"]?.string ?? "" }
    var prompt: Int { number / (value["num_return_sequences"]?.integer ?? 1) }
    var promptIDs: [Int] { Golden.ids(value["prompt_ids"]?[prompt]) }
    var steps: Int { value["latent_length"]?.integer ?? 0 }
    var testDescription: String { "\(key) row \(number)" }

    /// Columns of padding before the prompt in the authors' batch.
    var padding: Int {
      let lengths = (value["prompt_ids"]?.array ?? []).map { $0.array?.count ?? 0 }
      return (lengths.max() ?? 0) - promptIDs.count
    }

    var stage: DropoutThoughtsStage {
      var stage = DropoutThoughtsStage()
      stage.latentSteps = steps
      stage.rate = value["p"]?.number ?? 0
      stage.sites = Dropout.Site.allCases.filter { site in
        Golden.ids(value["active_sites"]).contains(Dropout.place(site, layer: 0))
      }
      stage.coversPrompt = true
      stage.coversAnswer = value["explicit_dropout"]?.boolean ?? false
      return stage
    }

    /// The masks of this row.
    var dropout: Dropout {
      let seed = UInt64(value["seed"]?.integer ?? 0)
      var dropout = stage.dropout(key: Dropout.key(Dropout.key(seed: seed), [number]))
      dropout.columnOffset = padding
      return dropout
    }
  }

  static let rows: [Row] = {
    let cases = (try? Fixtures.json("latenttts/coconut.json"))?["cases"]?.array ?? []
    return cases.filter { $0["sample_by"]?.string != "noise" }.flatMap { value in
      (0..<(value["rows"]?.integer ?? 0)).map { Row(value: value, number: $0) }
    }
  }()

  @Test func allRowsAreThere() { #expect(Self.rows.count == 16) }

  /// Thoughts, logits and tokens, where the prompt still waits and where it was read before.
  @Test(arguments: rows, [false, true]) func thoughtsAndTokens(
    _ row: Row, readsPromptBefore: Bool
  ) async throws {
    let arrays = try Golden("latenttts/coconut")
    let tokens = Golden.ids(row.value["generated"]?[row.number])
    let found = Mutex<[[Float]]>([])
    let stage = TestStage { state in
      if readsPromptBefore { _ = try await state.hidden() }
      try await row.stage.run(&state, through: row.dropout)
      for token in tokens {
        let logits = try await state.logits()
        found.withLock { $0.append(logits) }
        try state.emit(token)
      }
    }
    let completion = try await Refinement.run(
      Pipeline("x", [Refinement.prompt(row.promptIDs.dropLast())], then: stage),
      ReasoningModels(main: try Fixtures.reasoningModel("gpt2")))
    let logits = found.withLock { $0 }
    #expect(logits.map { $0.argmax() } == tokens)
    let places = row.number * row.steps..<(row.number + 1) * row.steps
    for name in ["latents", "states"] {
      let expected = try arrays.rows("\(row.key).\(name)")[places]
      #expect(relativeDifference(completion.thoughts, Array(expected)) < 1e-4)
    }
    let expected = try arrays.rows("\(row.key).logits")[row.number * 2..<row.number * 2 + 2]
    #expect(relativeDifference(Array(logits.prefix(2)), Array(expected)) < 1e-4)
  }

  /// Which components are kept: every place of every column under dropout.
  @Test func masks() throws {
    let arrays = try Golden("latenttts/coconut")
    let rows = Self.rows.filter { $0.key == "drop" }
    for place in Golden.ids(rows[0].value["active_sites"]) {
      let kept = try arrays.rows("drop.keep.site\(place)")
      let columns = kept.count / rows.count
      for row in rows {
        for column in 0..<columns {
          let factors = row.dropout.factors(column: column, place: place, count: kept[0].count)
          #expect(factors.map { $0 > 0 ? 1 : 0 } == kept[row.number * columns + column])
        }
      }
    }
  }
}
