import TacitEval
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import Testing

@testable import TacitEval

/// Records of a run over `scores.count` samples whose right answer is "yes".
private func records(
  _ scores: [[Bool]], clusters: [String?]? = nil, positions: Int = 10, seconds: Double = 1
) throws -> [SampleRecord] {
  try scores.enumerated().flatMap { index, repeats in
    let sample = EvaluationSample(
      id: "s/\(index)", question: "\(index)?", target: "yes", cluster: clusters?[index])
    return try repeats.enumerated().map { repetition, isRight in
      var counts = Counts()
      counts.positions = positions + index
      counts.tokens = 2
      let completion = Completion(
        promptTokenIDs: [], tokenIDs: [], text: isRight ? "yes" : "no",
        finishReason: .endOfSequence, counts: counts, seconds: seconds * Double(index + 1))
      return SampleRecord(
        sample, repeat: repetition, completion: completion, scoring: try .named("exact"))
    }
  }
}

private func recordedRun(_ label: String, _ records: [SampleRecord]) -> RecordedRun {
  RecordedRun(label: label, path: "runs/\(label)", manifest: nil, records: records)
}

/// Ten samples: both right on 4, only the run on 4, only the baseline on 1, neither on 1.
private let baseScores = [true, true, true, true, false, false, false, false, true, false]
private let runScores = [true, true, true, true, true, true, true, true, false, false]

@Suite struct ComparisonTests {
  @Test func pairsOfSingleAnswers() throws {
    let base = recordedRun("base", try records(baseScores.map { [$0] }))
    let run = recordedRun("run", try records(runScores.map { [$0] }, positions: 20, seconds: 3))
    let comparison = try Comparison([run, base], baseline: 1)
    #expect(comparison.sampleCount == 10 && comparison.repeatCount == 1)
    #expect(comparison.runs.map(\.results.accuracy.mean) == [0.8, 0.5])
    let pair = try #require(comparison.pairs.first)
    #expect(pair.run == 0 && abs(pair.difference - 0.3) < 1e-12)
    #expect(pair.outcomes == .init(both: 4, onlyRun: 4, onlyBaseline: 1, neither: 1))
    // Five throws of a coin, at most one head, two-sided: 2 · 6 / 32.
    #expect(pair.test == .mcnemar && abs(pair.pValue - 0.375) < 1e-12 && !pair.isSettled)
    #expect(abs((pair.standardError ?? 0) - (0.41 / 9).squareRoot()) < 1e-12)
    let positions = try #require(pair.costs.first { $0.quantity == .positions })
    #expect(abs((positions.ratio ?? 0) - 245.0 / 145) < 1e-12)
    #expect(positions.pValue < 0.01)
    let tokens = try #require(pair.costs.first { $0.quantity == .tokens })
    #expect(tokens.ratio == 1 && tokens.pValue == 1)
    #expect(abs((pair.latency?.ratio ?? 0) - 3) < 1e-12)
    #expect(comparison.findings[0].contains("cannot be told apart: +30.0 points"))
    #expect(comparison.findings[0].contains("10 samples can show a difference of about"))
  }

  /// Nothing is known of what a failed completion would have cost.
  @Test func failuresAreNamedAndNotCheap() throws {
    let base = recordedRun("base", try records(baseScores.map { [$0] }))
    var run = recordedRun("run", base.records)
    for index in 0..<4 {
      let sample = EvaluationSample(id: "s/\(index)", question: "\(index)?", target: "yes")
      run.records[index] = SampleRecord(
        sample, repeat: 0, error: Failure(), scoring: try .named("exact"))
    }
    let comparison = try Comparison([base, run])
    #expect(comparison.accuracyTable.rows.map(\.last) == ["14.5", "16.5"])
    #expect(comparison.costTable.rows.map { $0[4] } == ["2.0", "2.0"])
    #expect(
      comparison.text(as: .text).contains("run: 4 of 10 completions failed and count as wrong"))
    run.records = Array(run.records.prefix(4))
    let failed = try Comparison([run])
    #expect(failed.accuracyTable.rows[0].last == "—" && failed.costTable.rows[0].last == "—")
    #expect(failed.runs[0].results.json(hash: nil)["means"] == .null)
  }

  @Test func repeatsAndClustersAreFlippedTogether() throws {
    let clusters = (0..<10).map { Optional("c\($0 / 2)") }
    let base = recordedRun("base", try records(baseScores.map { [$0, false] }, clusters: clusters))
    let run = recordedRun("run", try records(runScores.map { [$0, true] }, clusters: clusters))
    let comparison = try Comparison([base, run])
    let pair = try #require(comparison.pairs.first)
    #expect(pair.test == .signFlip && comparison.repeatCount == 2)
    #expect(pair.outcomes == .init(both: 4, onlyRun: 14, onlyBaseline: 1, neither: 1))
    // Sums over the five clusters are 1, 1, 2, 2, 0.5: only all signs equal reach 6.5.
    #expect(abs(pair.pValue - 2.0 / 32) < 1e-12)
    let repeats = try #require(comparison.runs[1].repeats)
    #expect(repeats.passAtK.map { ($0 * 100).rounded() } == [90, 100])
    // A tie goes to the first answer: the last two samples answer "no" first.
    #expect(repeats.majorityAccuracy == 0.8)
  }

  @Test func holmAdjustsOverAllPairs() throws {
    let base = recordedRun("base", try records(Array(repeating: [false], count: 20)))
    let one = recordedRun("one", try records((0..<20).map { [$0 < 7] }))
    let two = recordedRun("two", try records((0..<20).map { [$0 < 6] }))
    let comparison = try Comparison([base, one, two])
    let raw = [2.0 / 128, 2.0 / 64]
    #expect(zip(comparison.pairs, raw).allSatisfy { abs($0.pValue - $1) < 1e-12 })
    #expect(
      zip(comparison.pairs, [4.0 / 128, 4.0 / 128]).allSatisfy {
        abs($0.adjustedPValue - $1) < 1e-12
      })
  }

  @Test func onlySharedSamplesCount() throws {
    let whole = try records(baseScores.map { [$0] })
    let comparison = try Comparison([
      recordedRun("a", whole), recordedRun("b", Array(whole.prefix(6))),
    ])
    #expect(comparison.sampleCount == 6 && comparison.leftOutCount == 4)
    #expect(comparison.runs.allSatisfy { $0.results.sampleCount == 6 })
    #expect(comparison.findings.contains { $0.hasPrefix("4 samples that only some") })
    #expect(comparison.findings[0].contains("no completion is right in one"))
  }

  @Test func runsOverOtherSamplesAreRefused() throws {
    let base = recordedRun("base", try records([[true], [true]]))
    func error(_ records: [SampleRecord]) -> Fault? {
      #expect(throws: Fault.self) {
        try Comparison([base, recordedRun("x", records)])
      }
    }
    var renamed = base.records
    for index in renamed.indices { renamed[index].id = "t/\(index)" }
    #expect(error(renamed)?.found == "none in common")
    var other = base.records
    other[1].target = "no"
    #expect(error(other)?.expected?.contains("sample 's/1'") == true)
    #expect(error(try records([[true, true], [true, true]]))?.found == "2")
  }

  /// A failed sample is wrong, but has no costs that could be compared.
  @Test func failuresHaveNoCosts() throws {
    let base = recordedRun("base", try records(baseScores.map { [$0] }))
    var run = recordedRun("run", base.records)
    let sample = EvaluationSample(id: "s/0", question: "0?", target: "yes")
    run.records[0] = SampleRecord(
      sample, repeat: 0, error: Failure(), scoring: try .named("exact"))
    let pair = try #require(try Comparison([base, run]).pairs.first)
    #expect(pair.outcomes.onlyBaseline == 1)
    #expect(pair.costs.allSatisfy { $0.quantity == .floatingPointOperations || $0.ratio == 1 })
    #expect(pair.latency?.ratio == 1)
    for index in run.records.indices { run.records[index].isMeasured = false }
    let unknown = try Comparison([base, run])
    #expect(unknown.pairs[0].costs.isEmpty && unknown.pairs[0].latency == nil)
    #expect(unknown.costTable.rows[1].suffix(8).allSatisfy { $0 == "—" })
    #expect(unknown.ratioTable == nil)
  }

  @Test func numbersForOtherPrograms() throws {
    let base = recordedRun("base", try records(baseScores.map { [$0] }))
    let run = recordedRun("run", try records(runScores.map { [$0] }))
    let comparison = try Comparison([base, run])
    let json = try JSON(parsing: comparison.json([base, run]).text())
    #expect(json["pairs"]?[0]?["outcomes"]?["only_run"] == 4)
    #expect(json["runs"]?[1]?["results"]?["accuracy"] == 0.8)
    let rows = comparison.numberTable.rows
    #expect(rows[0].count == rows[1].count && rows[0].suffix(9).allSatisfy(\.isEmpty))
    #expect(Double(rows[1].suffix(9).first ?? "") == comparison.pairs[0].difference)
  }

  @Test func samplesArePutForwardsAndBackwards() {
    var jobs = Interleaving(pipelines: 3, completions: 2, done: [0, 1, 0])
    var order: [String] = []
    while let job = jobs.next() {
      order.append("\(job.completion)\("abc".map(String.init)[job.pipeline])")
    }
    #expect(order == ["0a", "0c", "1c", "1b", "1a"])
  }
}
