import Foundation
import OrderedCollections
import TacitFault
import TacitJSON
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitEval

private let harness = Fixtures.folder + "/harness"

private let hostile = "<script>alert(1)</script> \u{202E}abc\u{202C} \0\u{1B}[31m\u{7F}\u{2028} é"

private func read(_ name: String, _ change: (inout DatasetOptions) -> Void = { _ in }) throws
  -> LMEvalLog
{
  var options = DatasetOptions()
  change(&options)
  return try LMEvalLog(reading: "\(harness)/samples_\(name).jsonl", options: options)
}

@Suite struct HarnessLogTests {
  @Test func filtersAreRulesOfOneSample() throws {
    let log = try read("sums")
    #expect(log.name == "sums")
    #expect(log.records.map(\.id) == ["sums/0", "sums/1", "sums/2"])
    #expect(log.records[0].scores.keys == ["strict-match", "flexible-extract"])
    #expect(log.records.map(\.decidingRule) == Array(repeating: "strict-match", count: 3))
    let strict = log.records.map(\.verdict)
    #expect(strict.map(\.answer) == ["2", nil, nil])
    #expect(strict.map(\.isCorrect) == [true, false, false])
    let flexible = log.records.map { $0.scores["flexible-extract"] }
    #expect(flexible.map { $0?.answer } == ["2", "3", nil])
    #expect(flexible.map { $0?.isCorrect } == [true, true, false])
    #expect(log.records[1].question == hostile)
    #expect(log.records[1].completion == hostile + " 3")
    #expect(log.records.map(\.target) == ["2", "3", "4"])
  }

  @Test func votesAreOneSample() throws {
    let record = try #require(try read("votes").records.first)
    #expect(record.completion == "3" && record.repeatIndex == 0)
    #expect(record.scores["majority"] == Verdict(answer: "2", isCorrect: true))
    #expect(record.scores["first"] == Verdict(answer: "3", isCorrect: false))
    #expect(try read("votes").records.count == 1)
  }

  @Test func likelihoodsOfChoices() throws {
    let log = try read("choices")
    #expect(log.records.map(\.verdict.isCorrect) == [true, false])
    #expect(log.records[0].scores.keys == ["acc,none", "acc_norm,none"])
    #expect(log.records[0].completion == #"[[["-1.5","True"]],[["-2.5","False"]]]"#)
    #expect(log.records[1].verdict.answer == #"[["-0.5","True"],["-0.75","False"]]"#)
  }

  @Test func optionsNameFields() throws {
    let log = try read("sums") {
      $0.name = "gsm8k"
      $0.scorer = "flexible-extract"
      $0.question = "answer"
      $0.cluster = "question"
    }
    #expect(log.records[1].id == "gsm8k/1" && log.records[1].question == "3")
    #expect(log.records[1].cluster == hostile && log.records[1].verdict.isCorrect)
    let named = try read("sums") { $0.id = "answer" }
    #expect(named.records.map(\.id) == ["2", "3", "4"])
  }

  /// What was not measured is absent, in every form.
  @Test func costsAreAbsent() throws {
    let run = try Run(reading: "\(harness)/samples_sums.jsonl?scorer=flexible-extract")
    #expect(run.isComplete && run.manifest.ingredients["dataset"]?["name"] == "sums")
    let results = EvaluationResults(run.records)
    #expect(results.correctCount == 2 && results.extractedCount == 2 && !results.isMeasured)
    let json = results.json(hash: run.manifest.hash)
    for key in ["totals", "means", "peak_bytes"] { #expect(json[key] == .null) }
    for key in ["prompt_tokens", "positions", "flops", "decode_seconds"] {
      #expect(run.records[0].json[key] == .null)
    }
    #expect(try run.trace(id: "sums/0") == nil)
  }

  private static let line =
    #"{"doc_id":0,"doc":{"question":"q"},"target":"1","arguments":{"gen_args_0":{"arg_0":"p"}},"#
    + #""resps":[["r"]],"filtered_resps":["1"],"filter":"f","metrics":["m"],"m":1.0}"#

  @Test(
    arguments: [
      (["{"], 1, "JSON"), (["{}"], 1, "an integer under 'doc_id'"),
      ([line, line], 2, "document 0 once for filter 'f'"),
      (
        [
          line,
          line.replacing("\"doc_id\":0", with: "\"doc_id\":1")
            .replacing("\"filter\":\"f\"", with: "\"filter\":\"g\""),
        ], 1, "document 0 once for filter 'g'"
      ),
      ([line.replacing("\"m\":1.0", with: "\"n\":1")], 1, "a value under 'm'"),
      ([line.replacing("1.0", with: "0.5")], nil, "a metric that is 0 or 1 on every document"),
      ([line.replacing("1.0", with: "NaN")], 1, "JSON"), ([], nil, "a line per document"),
    ] as [([String], Int?, String)])
  func faults(lines: [String], line: Int?, expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(lines.joined(separator: "\n").utf8, to: "samples_x.jsonl")
    let error = #expect(throws: Fault.self) {
      try LMEvalLog(reading: folder.path + "/samples_x.jsonl")
    }
    #expect(error?.line == line && error?.expected == expected)
  }

  @Test func unknownRule() {
    let error = #expect(throws: Fault.self) { try read("sums") { $0.scorer = "strict" } }
    #expect(error?.expected == "a rule of the log: strict-match, flexible-extract")
  }
}

@Suite struct HarnessExportTests {
  /// Evaluates a dataset whose second question is hostile.
  private static func run(_ folder: String, repeats: Int) async throws -> Run {
    var dataset = try sums(6)
    dataset.samples[1].question = hostile
    dataset = try dataset.marked(by: .named("gsm8k"))
    var evaluation = Evaluation(dataset)
    evaluation.repeats = repeats
    let pipeline = EvaluatedPipeline(folder: folder, ingredients: [:]) { sample, index in
      var completion = try await add(sample, index)
      if number(of: sample) == 3 { completion.text = hostile }
      if index == 1 { completion.text = "#### 1" }
      return completion
    }
    _ = try await evaluation.run([pipeline])
    return try Run(reading: folder)
  }

  @Test(arguments: [1, 3])
  func roundTrip(repeats: Int) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Self.run("\(folder)/run", repeats: repeats)
      let path = "\(folder)/samples_sums_2025-11-21T10-00-00.000000.jsonl"
      try putLog(of: run, at: path)
      var expected = run.records
      for index in expected.indices {
        var record = SampleRecord(
          EvaluationSample(
            id: expected[index].id, question: expected[index].question,
            target: expected[index].target),
          repeat: expected[index].repeatIndex)
        record.completion = expected[index].completion
        record.error = expected[index].error
        record.scores = expected[index].scores
        record.decidingRule = expected[index].decidingRule
        record.isMeasured = false
        expected[index] = record
      }
      let log = try LMEvalLog(reading: path)
      #expect(log.name == "sums")
      #expect(log.records == expected)
      let clustered = try Run(reading: path + "?cluster=cluster")
      #expect(
        EvaluationResults(clustered.records).accuracy == EvaluationResults(run.records).accuracy)
      let texts = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(texts.count == 2)
    }
  }

  /// The form of the harness: keys, filters in blocks, its hashes, the mean of repeats.
  @Test func form() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Self.run("\(folder)/run", repeats: 3)
      var lines: [JSON] = []
      try LMEvalLog.export(run) { lines.append(try JSON(parsing: $0)) }
      #expect(lines.map { $0["filter"]?.string } == (0..<12).map { $0 < 6 ? "strict" : "native" })
      #expect(lines.map { $0["doc_id"]?.integer } == (0..<12).map { $0 % 6 })
      let real = try JSON(
        parsing: String(contentsOfFile: harness + "/samples_sums.jsonl", encoding: .utf8)
          .split(separator: "\n").map(String.init)[0])
      #expect(lines[0].object?.keys.prefix(12) == real.object?.keys.prefix(12))
      #expect(lines[0]["exact_match"] == .number(1) && lines[0]["resps"]?[0]?.array?.count == 3)
      #expect(lines[6]["filtered_resps"] == [["[invalid]", "1", "[invalid]"]])
      #expect(lines[6]["exact_match"]?.number == 1.0 / 3)
      #expect(lines[4]["errors"] == ["Failure()", "Failure()", "Failure()"])
      // From Python 3.11: hashlib.sha256 of json.dumps(doc, indent=2, ensure_ascii=False).
      #expect(
        lines[1]["doc_hash"] == "ed1e02c7cc1acc202fcb5469fe3361804f6b37a4b793ef8df3a8dcbb43f02988")
      #expect(
        lines[1]["prompt_hash"]
          == "86fa0da48431c45560290d1afa025278d170c26f4adc75c3389341c38bac19ea")
    }
  }
}
