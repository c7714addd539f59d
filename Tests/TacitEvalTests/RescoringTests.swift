import Foundation
import OrderedCollections
import TacitFault
import TacitJSON
import TacitReasoning
import Testing

@testable import TacitEval

private let recipe: OrderedDictionary<String, JSON> = ["recipe": ["name": "one"], "seed": 0]
private let files = ["manifest.json", "samples.jsonl", "results.json"]

/// Says what every completion of the sum of 0 and 1 is worth; fails on the third sample.
private struct Fussy: Grader {
  static let name = "fussy"

  func verdict(on completion: String, for sample: EvaluationSample) throws -> Verdict {
    if number(of: sample) == 2 { throw Failure() }
    return Verdict(answer: completion, isCorrect: number(of: sample) == 0)
  }
}

private func evaluate(
  _ dataset: Dataset, in folder: String, limit: Int? = nil
) async throws -> EvaluationResults {
  var evaluation = Evaluation(dataset)
  evaluation.repeats = 2
  evaluation.limit = limit
  return try await evaluation.run([
    EvaluatedPipeline(folder: folder, ingredients: recipe, body: add)
  ])[0]
}

private func contents(_ folder: String) throws -> [Data?] {
  try files.map { name in
    File.exists("\(folder)/\(name)") ? try bytes("\(folder)/\(name)") : nil
  }
}

private func score(
  _ folder: String, _ scorer: String, with dataset: Dataset? = nil
) throws -> Rescored {
  let rescored = try Rescoring(folder: folder).marked(by: .named(scorer), with: dataset)
  try rescored.write()
  return rescored
}

@Test func scoringAgainEqualsEvaluating() async throws {
  try await withTemporaryFolder { parent in
    let (numbers, exact) = ("\(parent)/number", "\(parent)/exact")
    let dataset = try sums(6)
    _ = try await evaluate(dataset, in: numbers)
    let results = try await evaluate(dataset.marked(by: .named("exact")), in: exact)
    let original = try contents(numbers)
    #expect(try contents(exact) != original)

    let rescored = try score(numbers, "exact")
    #expect(try contents(numbers) == contents(exact))
    #expect(rescored.results == results)
    // Completions say "é 3": nothing is exactly right, four numbers of five were.
    #expect(rescored.changedCount == 8)
    #expect(rescored.records[8].error == "Failure()")

    #expect(try score(numbers, "number").changedCount == 8)
    #expect(try contents(numbers) == original)
    #expect(try FileManager.default.contentsOfDirectory(atPath: numbers).count == 3)
  }
}

@Test func interruptedRunsAreScoredAndGoOn() async throws {
  try await withTemporaryFolder { parent in
    let (cut, whole) = ("\(parent)/cut", "\(parent)/whole")
    let dataset = try sums(6)
    let exact = try dataset.marked(by: .named("exact"))
    _ = try await evaluate(exact, in: whole)
    _ = try await evaluate(dataset, in: cut, limit: 3)
    try FileManager.default.removeItem(atPath: "\(cut)/results.json")
    try put(bytes("\(cut)/samples.jsonl").dropLast(), at: "\(cut)/samples.jsonl")

    #expect(try score(cut, "exact").records.count == 5)
    #expect(try Run(reading: cut).isComplete == false)
    let error = await #expect(throws: Fault.self) {
      try await evaluate(dataset, in: cut)
    }
    #expect(error?.kind == .mismatch)
    #expect(error?.found?.contains(#"dataset.scorer: "exact" → "number""#) == true)
    _ = try await evaluate(exact, in: cut)
    #expect(try contents(cut) == contents(whole))
  }
}

/// Killed between any two of the four files, a run is old, new, or refused until scored again.
@Test(arguments: 0...4)
func interruptedScoring(filesMoved: Int) async throws {
  try await withTemporaryFolder { parent in
    let (folder, new) = ("\(parent)/run", "\(parent)/new")
    let dataset = try sums(4)
    _ = try await evaluate(dataset, in: folder)
    _ = try await evaluate(dataset.marked(by: .named("exact")), in: new)
    let old = try contents(folder)
    do {
      let rescored = try Rescoring(folder: folder).marked(by: .named("exact"))
      try rescored.write(movingOnly: filesMoved)
    }
    switch filesMoved {
    case 0: #expect(try contents(folder) == old)
    case 4: #expect(try contents(folder) == contents(new))
    default:
      let reading = #expect(throws: Fault.self) { try Run(reading: folder) }
      #expect(reading?.hint == "score the run again")
      for scorer in ["number", "exact"] {
        let dataset = try dataset.marked(by: .named(scorer))
        let writing = await #expect(throws: Fault.self) {
          try await evaluate(dataset, in: folder)
        }
        #expect(writing?.found == "a scoring that was interrupted")
      }
    }
    _ = try score(folder, "exact")
    #expect(try contents(folder) == contents(new))
  }
}

@Test func failuresLeaveTheRunAsItWas() async throws {
  try await withTemporaryFolder { folder in
    let dataset = try sums(3)
    _ = try await evaluate(dataset, in: folder)
    let before = try contents(folder)
    let scoring = Scoring(name: "fussy", grader: Fussy())
    #expect(throws: Failure.self) { try Rescoring(folder: folder).marked(by: scoring) }
    #expect(try contents(folder) == before)
    // The third file cannot be written, so the first two must not be put in place.
    let blocker = "\(folder)/results.json.tmp"
    try FileManager.default.createDirectory(atPath: blocker, withIntermediateDirectories: false)
    let error = #expect(throws: Fault.self) { try score(folder, "exact") }
    #expect(error?.place == blocker)
    try FileManager.default.removeItem(atPath: blocker)
    #expect(try contents(folder) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
  }
}

@Test func oneWriterAtATime() async throws {
  try await withTemporaryFolder { folder in
    let dataset = try sums(3)
    _ = try await evaluate(dataset, in: folder, limit: 2)
    let rescoring = try Rescoring(folder: folder)
    #expect(rescoring.scorer == "number")
    let second = #expect(throws: Fault.self) { try Rescoring(folder: folder) }
    #expect(second?.kind == .locked)
    let evaluation = await #expect(throws: Fault.self) {
      try await evaluate(dataset, in: folder)
    }
    #expect(evaluation?.kind == .locked)
    withExtendedLifetime(rescoring) {}
  }
}

@Test func scorersThatNeedTheDataset() async throws {
  try await withTemporaryFolder { folder in
    let dataset = try EmbeddedDatasets(folder: embedded).dataset(named: "prosqa")
    var evaluation = Evaluation(dataset)
    evaluation.limit = 3
    let pipeline = EvaluatedPipeline(folder: folder, ingredients: recipe) { sample, _ in
      Completion(
        promptTokenIDs: [], tokenIDs: [], text: sample.target, finishReason: .endOfSequence,
        seconds: 0, secondsToFirstToken: 0)
    }
    _ = try await evaluation.run([pipeline])
    let before = try contents(folder)
    let bare = #expect(throws: Fault.self) { try score(folder, "prosqa.native") }
    #expect(bare?.line == 1 && bare?.expected == "'root' and two 'candidates'")
    let other = #expect(throws: Fault.self) {
      try score(folder, "prosqa", with: sums(3))
    }
    #expect(other?.expected?.contains(dataset.sha256) == true)
    var options = DatasetOptions()
    options.name = "other"
    let renamed = try EmbeddedDatasets(folder: embedded).dataset(named: "prosqa", options: options)
    let unknown = #expect(throws: Fault.self) {
      try score(folder, "prosqa", with: renamed)
    }
    #expect(unknown?.found == "'prosqa/0', which differs or is not there")
    #expect(try contents(folder) == before)
    #expect(try score(folder, "prosqa.native", with: dataset).results.decidingRule == "native")
    #expect(try score(folder, "prosqa", with: dataset).results.correctCount == 3)
    #expect(try contents(folder) == before)
  }
}

/// The model's work is not lost when a scorer fails on it.
@Test func failingScorersKeepTheCompletion() async throws {
  try await withTemporaryFolder { folder in
    let dataset = try sums(4).marked(by: Scoring(name: "fussy", grader: Fussy()))
    let results = try await evaluate(dataset, in: folder)
    #expect(results.errorCount == 2 && results.correctCount == 2)
    let record = try Run(reading: folder).records[4]
    #expect(record.error == "Failure()" && record.completion == "é 3")
    let mended = try score(folder, "number")
    #expect(mended.results.errorCount == 0 && mended.results.correctCount == 6)
  }
}

@Test func failFastEndsWithTheFirstAnswerThatCannotBeMarked() async throws {
  try await withTemporaryFolder { folder in
    var evaluation = Evaluation(
      try sums(4).marked(by: Scoring(name: "fussy", grader: Fussy())))
    let pipeline = EvaluatedPipeline(folder: folder, ingredients: recipe, body: add)
    evaluation.failFast = true
    let stopped = evaluation
    let error = await #expect(throws: Fault.self) {
      _ = try await stopped.run([pipeline])
    }
    #expect(error?.expected?.contains("sums/2") == true)
    evaluation.failFast = false
    #expect(try await evaluation.run([pipeline])[0].errorCount == 1)
  }
}
