import Foundation
import OrderedCollections
import TacitJSON
import TacitModel
import TacitReasoning
import Testing

@testable import TacitEval

/// Runs for a report: every third sample is missed by each run in its own way.
struct ReportFixture {
  var labels = ["direct", "coconut", "pause"]
  var sampleCount = 12
  var repeatCount = 1
  /// Question of a sample.
  var question: (Int) -> String = { "What is \($0) + 1?" }
  /// What a run says on a sample that it has right.
  var target: (Int) -> String = { "\($0 + 1)" }
  /// Whether a run is right.
  var isRight: (_ run: Int, _ sample: Int) -> Bool = { run, sample in sample % 3 < run + 1 }

  static let templates = packageFolder + "/Sources/TacitEval/Resources/report"

  /// The runs; with a folder their traces are written below it.
  func recordedRuns(in folder: String? = nil) throws -> [RecordedRun] {
    try labels.indices.map { run in
      let path = folder.map { "\($0)/run\(run)" } ?? "runs/\(run)"
      if folder != nil { try writeTraces(run, at: path) }
      return RecordedRun(
        label: labels[run], path: path, manifest: try manifest(run), records: try records(run))
    }
  }

  func report(in folder: String? = nil) throws -> String {
    let recordedRuns = try recordedRuns(in: folder)
    let comparison = try Comparison(recordedRuns, baseline: 0, seed: 0)
    let plugins = [
      PluginManifest(
        kind: .stage, name: "think", about: About("", source: "", fidelity: .reconstruction)),
      PluginManifest(
        kind: .stage, name: "generate", about: About("", source: "", fidelity: .faithful)),
    ]
    return try HTMLReport(comparison: comparison, recordedRuns: recordedRuns, plugins: plugins)
      .text(templates: ReportTemplates(folder: Self.templates))
  }

  func manifest(_ run: Int) throws -> RunManifest {
    let stages: [JSON] =
      (run == 0 ? [] : [["name": "think", "options": ["steps": .integer(run)]]])
      + [["name": "generate", "options": ["limit": 16]]]
    return try RunManifest(
      ingredients: [
        "recipe": [
          "name": .string(labels[run]),
          "files": [["path": "a.lua", "sha256": "00", "text": .string("-- run \(run)\n")]],
          "stages": .array(stages),
        ],
        "model": ["name": "tiny"], "seed": "7", "dataset": ["name": "sums"],
      ], environment: ["date": .string("2026-0\(run + 1)-02T03:04:05Z"), "cores": 2])
  }

  func records(_ run: Int) throws -> [SampleRecord] {
    try (0..<sampleCount).flatMap { sample in
      try (0..<repeatCount).map { repeatIndex in
        var counts = Counts()
        counts.positions = 80 + 10 * run + sample
        counts.tokens = 4
        counts.latentSteps = 3 * run
        counts.floatingPointOperations = 1e6 * Double(40 + 5 * run)
        counts.peakMemoryBytes = 1 << 18
        let completion = Completion(
          promptTokenIDs: [1, 2], tokenIDs: [3],
          text: isRight(run, sample) ? target(sample) : "none of it", finishReason: .endOfSequence,
          counts: counts, seconds: 0.002 * Double(run + 1))
        return SampleRecord(
          EvaluationSample(
            id: "sums/\(sample)", question: question(sample), target: target(sample),
            extra: ["hops": .integer(sample % 2 + 1)]),
          repeat: repeatIndex, completion: completion, scoring: try .named("exact"))
      }
    }
  }

  /// As many thoughts as the run's number says, then two tokens.
  private func writeTraces(_ run: Int, at path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let lines = try (0..<sampleCount).map { sample in
      let thoughts = (0..<run).map { step in
        TraceStep(
          stage: "think", step: step, kind: .latent, norm: 5,
          details: ["nearest": ["yes", "no"], "relative_norm": 1.05, "switch": "to_explicit"])
      }
      let tokens = (run..<run + 2).map { step in
        TraceStep(stage: "generate", step: step, kind: .explicit, tokenID: 7, entropy: 0.123_456)
      }
      let record = TraceRecord(id: "sums/\(sample)", repeat: 0, trace: thoughts + tokens)
      return try record.json.text() + "\n"
    }
    try put(lines.joined().utf8, at: path + "/trace.jsonl")
  }
}

/// What the page's script reads.
func scriptData(_ page: String) throws -> JSON {
  let start = try #require(page.range(of: #"<script type="application/json" id="data">"#))
  let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
  return try JSON(parsing: Array(page[start.upperBound..<end.lowerBound].utf8)[...])
}
