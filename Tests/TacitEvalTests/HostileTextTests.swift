import Foundation
import OrderedCollections
import TacitFault
import TacitJSON
import TacitReasoning
import Testing

@testable import TacitEval

/// Markup, direction marks, NUL and control sequences, with 900 kB behind them.
private let hostile =
  "<script>alert(1)</script>\"'\u{202E}\u{2067}‏ \0\u{1B}]0;x\u{7}\u{9B}31m\r\n\u{2028}"
  + String(repeating: "ü", count: 450_000)

private func line(_ question: String) throws -> String {
  try JSON.object(["question": .string(question), "answer": "3"]).text() + "\n"
}

@Suite struct HostileTextTests {
  /// Reading, running, scoring, exporting and importing keep every byte.
  @Test(.timeLimit(.minutes(15))) func everythingKeepsTheText() async throws {
    try await withTemporaryFolder { folder in
      let file = try line(hostile) + line("plain")
      let dataset = try Dataset(bytes: Array(file.utf8), path: "\(folder)/hostile.jsonl")
      #expect(dataset.samples.map(\.question) == [hostile, "plain"])
      let evaluation = Evaluation(dataset)
      var pipeline = EvaluatedPipeline(
        folder: "\(folder)/run", ingredients: ["x": .string(hostile)]
      ) { sample, _ in
        Completion(
          promptTokenIDs: [], tokenIDs: [], text: sample.question + " 3",
          finishReason: .endOfSequence, seconds: 0, secondsToFirstToken: 0,
          trace: [TraceStep(stage: hostile, step: 0, kind: .latent)])
      }
      pipeline.isTraced = true
      _ = try await evaluation.run([pipeline])
      try Rescoring(folder: "\(folder)/run").marked(by: .named("number")).write()
      let run = try Run(reading: "\(folder)/run")
      #expect(run.records.map(\.completion) == [hostile + " 3", "plain 3"])
      #expect(run.records.map(\.question) == [hostile, "plain"])
      #expect(run.records.allSatisfy { $0.verdict.isCorrect })
      #expect(run.manifest.ingredients["x"]?.string == hostile)
      #expect(try run.trace(id: "hostile/0")?.first?["stage"]?.string == hostile)

      try putLog(of: run, at: "\(folder)/log.jsonl")
      let log = try LMEvalLog(reading: "\(folder)/log.jsonl")
      #expect(log.records.map(\.completion) == run.records.map(\.completion))
      for path in ["run/samples.jsonl", "run/trace.jsonl", "run/manifest.json", "log.jsonl"] {
        let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
        #expect(!text.unicodeScalars.contains { $0.isActive && $0 != "\n" }, "\(path)")
      }
    }
  }

  @Test func linesThatAreTooLong() throws {
    let file = try line("plain") + line(hostile + hostile)
    let error = #expect(throws: Fault.self) {
      try Dataset(bytes: Array(file.utf8), path: "long.jsonl")
    }
    #expect(error?.line == 2 && error?.expected == "at most 1000000 bytes")
  }

  /// No rule takes more than linear time in what a model may say.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      "####", "#### ", "</think>", "1,", "-1.", "Tom is a ", "\0", "\r\n", "}", "(", "\\boxed{",
      "\\frac{", "{", "A ",
    ])
  func scorersEnd(repeated: String) throws {
    let text = String(repeating: repeated, count: 100_000 / repeated.utf8.count)
    let sample = EvaluationSample(
      id: "x", question: "", target: "1",
      extra: ["root": "Tom", "candidates": ["lempus", "rempus"]])
    for name in Scoring.names {
      #expect(try Scoring.named(name).verdicts(on: text, for: sample).count > 0, "\(name)")
    }
  }
}
