import Foundation
import OrderedCollections
import Synchronization
import TacitFault
import TacitJSON
import TacitReasoning
import Testing

@testable import TacitEval

private let recipe: OrderedDictionary<String, JSON> = [
  "recipe": ["text": "return 1", "name": "one"], "seed": 0,
]

private func evaluate(
  _ evaluation: Evaluation, in folder: String,
  ingredients: OrderedDictionary<String, JSON> = recipe, isTraced: Bool = false,
  body: @escaping EvaluatedPipeline.Body = add
) async throws -> EvaluationResults {
  var pipeline = EvaluatedPipeline(folder: folder, ingredients: ingredients, body: body)
  pipeline.isTraced = isTraced
  return try await evaluation.run([pipeline])[0]
}

private func lines(_ path: String) throws -> [JSON] {
  try String(decoding: bytes(path), as: UTF8.self).split(separator: "\n")
    .map { try JSON(parsing: String($0)) }
}

@Test func filesOfARun() async throws {
  try await withTemporaryFolder { parent in
    let folder = "\(parent)/runs/one"
    var evaluation = Evaluation(try sums(6))
    evaluation.repeats = 2
    let results = try await evaluate(evaluation, in: folder, isTraced: true)
    #expect(results.sampleCount == 6)
    #expect(results.completionCount == 12)
    #expect(results.correctCount == 8)
    #expect(results.extractedCount == 10)
    #expect(results.errorCount == 2)
    #expect(results.byHops.map(\.correct) == [4, 4])
    #expect(results.counts.peakMemoryBytes == 500)

    let samples = try lines("\(folder)/samples.jsonl")
    #expect(samples.map { $0["repeat"] } == (0..<12).map { .integer($0 % 2) })
    #expect(samples.map { $0["id"]?.string } == (0..<12).map { "sums/\($0 / 2)" })
    #expect(
      samples[5].object?.keys.elements == [
        "id", "repeat", "question", "target", "cluster", "hops", "completion", "answer",
        "extracted", "score", "rule", "scores", "finish_reason", "error", "prompt_tokens",
        "new_tokens", "latent_steps", "forward_passes", "positions", "head_rows", "flops",
        "peak_bytes", "prefill_seconds", "decode_seconds",
      ])
    #expect(samples[8]["error"] == "Failure()")
    #expect(samples[8]["score"] == 0)

    let traces = try lines("\(folder)/trace.jsonl")
    #expect(traces.count == 10)
    let thought = traces[0]["steps"]?[0]
    #expect(thought?["norm"] == "nan")
    #expect(try thought?["vector"]?.text() == "[0.1,-2.0]")
    #expect(traces[0]["steps"]?[1]?.object?.keys.suffix(2) == ["a", "b"])

    let stored = try JSON(parsing: String(decoding: bytes("\(folder)/results.json"), as: UTF8.self))
    let run = try Run(reading: folder)
    #expect(run.isComplete)
    #expect(stored == results.json(hash: run.manifest.hash))
    #expect(EvaluationResults(run.records) == results)
    #expect(try run.trace(id: "sums/5", repeat: 1)?.count == 2)
    #expect(try run.trace(id: "sums/4") == nil)
  }
}

@Test func completeRunReturnsAtOnceAndExtends() async throws {
  try await withTemporaryFolder { folder in
    var evaluation = Evaluation(try sums(6))
    evaluation.limit = 3
    let results = try await evaluate(evaluation, in: folder)
    let again = try await evaluate(evaluation, in: folder) { _, _ in
      Issue.record("a complete run ran")
      throw Failure()
    }
    #expect(again == results)
    evaluation.limit = 6
    let more = try await evaluate(evaluation, in: folder) { sample, index in
      #expect(number(of: sample) >= 3)
      return try await add(sample, index)
    }
    #expect(more.sampleCount == 6)
    evaluation.limit = 2
    let error = await #expect(throws: Fault.self) {
      try await evaluate(evaluation, in: folder)
    }
    #expect(error?.expected == "at most 2 completions")
  }
}

@Test func resumesAfterTruncationAtEveryByte() async throws {
  try await withTemporaryFolder { parent in
    let folder = "\(parent)/run"
    let evaluation = Evaluation(try sums(3))
    _ = try await evaluate(evaluation, in: folder, isTraced: true)
    let samples = try bytes("\(folder)/samples.jsonl")
    let trace = try bytes("\(folder)/trace.jsonl")
    let results = try bytes("\(folder)/results.json")
    for length in 0...samples.count {
      try put(samples.prefix(length), at: "\(folder)/samples.jsonl")
      try put(trace, at: "\(folder)/trace.jsonl")
      try FileManager.default.removeItem(atPath: "\(folder)/results.json")
      let whole = samples.prefix(length).count { $0 == 0x0A }
      let calls = Mutex(0)
      _ = try await evaluate(evaluation, in: folder, isTraced: true) { sample, index in
        calls.withLock { $0 += 1 }
        return try await add(sample, index)
      }
      #expect(calls.withLock { $0 } == 3 - whole)
      try #require(try bytes("\(folder)/samples.jsonl") == samples, "cut at \(length)")
      try #require(try bytes("\(folder)/trace.jsonl") == trace, "cut at \(length)")
      try #require(try bytes("\(folder)/results.json") == results, "cut at \(length)")
    }
    // An interruption between a trace line and its sample line, at every byte of the trace.
    let beforeLast = samples.prefix(samples.dropLast().lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
    let traceBeforeLast = trace.dropLast().lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    for length in traceBeforeLast...trace.count {
      try put(beforeLast, at: "\(folder)/samples.jsonl")
      try put(trace.prefix(length), at: "\(folder)/trace.jsonl")
      try FileManager.default.removeItem(atPath: "\(folder)/results.json")
      _ = try await evaluate(evaluation, in: folder, isTraced: true)
      try #require(try bytes("\(folder)/trace.jsonl") == trace, "trace cut at \(length)")
    }
  }
}

@Test func damagedLines() async throws {
  try await withTemporaryFolder { folder in
    let evaluation = Evaluation(try sums(4))
    _ = try await evaluate(evaluation, in: folder)
    let path = "\(folder)/samples.jsonl"
    let good = try String(decoding: bytes(path), as: UTF8.self)
    func refusal(_ text: String) async throws -> Fault? {
      try put(text.utf8, at: path)
      try? FileManager.default.removeItem(atPath: "\(folder)/results.json")
      return await #expect(throws: Fault.self) {
        try await evaluate(evaluation, in: folder)
      }
    }
    var parts = good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    parts[1] = parts[1].replacing("\"score\":0", with: "\"score\":")
    let damaged = try await refusal(parts.joined(separator: "\n"))
    #expect(damaged?.line == 2)
    parts = good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    parts[1] = parts[1].replacing(/"flops":[^,]*/, with: "\"flops\":-1")
    let impossible = try await refusal(parts.joined(separator: "\n"))
    #expect(impossible?.line == 2 && impossible?.found == "no usable 'flops'")
    parts = good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    parts.swapAt(1, 2)
    let swapped = try await refusal(parts.joined(separator: "\n"))
    #expect(swapped?.line == 2)
    #expect(swapped?.expected == "sample 'sums/1', repeat 0")
    #expect(try bytes(path) == Data(parts.joined(separator: "\n").utf8))
    parts[2] = parts[0]
    let twice = try await refusal(parts.joined(separator: "\n"))
    #expect(twice?.line == 3 && twice?.found == "'sums/0', repeat 0, again")
  }
}

/// Sums of such numbers would overflow or be no numbers.
@Test(arguments: [
  ("positions", "10", "9223372036854775807"), ("new_tokens", "2", "9223372036854775807"),
  ("prompt_tokens", "3", "-1"), ("flops", "333333333333.3333", "-1.5"),
  ("flops", "333333333333.3333", "1e308"), ("prefill_seconds", "0.5", "1e308"),
  ("decode_seconds", "1.0", "-1"),
])
func numbersOutOfRangeAreDamage(key: String, number: String, other: String) async throws {
  try await withTemporaryFolder { folder in
    _ = try await evaluate(Evaluation(try sums(4)), in: folder)
    let path = "\(folder)/samples.jsonl"
    let good = try String(decoding: bytes(path), as: UTF8.self)
    let bad = good.replacing(
      "\"\(key)\":\(number)", with: "\"\(key)\":\(other)", maxReplacements: 1)
    try #require(bad != good)
    try put(bad.utf8, at: path)
    let error = #expect(throws: Fault.self) { try Run(reading: folder) }
    #expect(error?.line == 1)
  }
}

@Test(arguments: ["", "garbage", "{\"schema\": 1}\n"])
func resultsThatAreNotThoseOfTheLinesAreWrittenAnew(text: String) async throws {
  try await withTemporaryFolder { folder in
    let evaluation = Evaluation(try sums(6))
    _ = try await evaluate(evaluation, in: folder)
    let path = "\(folder)/results.json"
    let results = try bytes(path)
    try put(text.utf8, at: path)
    _ = try await evaluate(evaluation, in: folder) { _, _ in
      Issue.record("a complete run ran")
      throw Failure()
    }
    #expect(try bytes(path) == results)
  }
}

@Test func otherIngredientsAreNamed() async throws {
  try await withTemporaryFolder { folder in
    var evaluation = Evaluation(try sums(3))
    _ = try await evaluate(evaluation, in: folder)
    let samples = try bytes("\(folder)/samples.jsonl")
    var changed = recipe
    changed["seed"] = 1
    changed["recipe"] = ["name": "one", "text": "return 2"]
    evaluation.repeats = 2
    let error = await #expect(throws: Fault.self) {
      try await evaluate(evaluation, in: folder, ingredients: changed)
    }
    #expect(
      error?.description == """
        \(folder): expected the settings that the run was begun with, found \n\
          recipe.text: "return 1" → "return 2"
          seed: 0 → 1
          repeats: 1 → 2
          use another --out, or the old settings to go on
        """)
    #expect(error?.kind == .mismatch)
    #expect(try bytes("\(folder)/samples.jsonl") == samples)

    // The order of keys is no ingredient.
    var reordered = recipe
    reordered.reverse()
    evaluation.repeats = 1
    #expect(try await evaluate(evaluation, in: folder, ingredients: reordered).sampleCount == 3)
  }
}

@Test func manifestsOfOthers() async throws {
  try await withTemporaryFolder { folder in
    let evaluation = Evaluation(try sums(2))
    _ = try await evaluate(evaluation, in: folder)
    let path = "\(folder)/manifest.json"
    let good = try String(decoding: bytes(path), as: UTF8.self)
    for (old, new, found) in [
      ("\"schema\": 1", "\"schema\": 2", "schema 2"),
      ("\"seed\": 0", "\"seed\": 3", "changed after it was written"),
      ("\"schema\"", "\"scheme\"", "no integer under 'schema'"), ("}", "", "line"),
    ] {
      try put(good.replacing(old, with: new).utf8, at: path)
      let error = await #expect(throws: Fault.self) {
        try await evaluate(evaluation, in: folder)
      }
      #expect(error?.place == path)
      if new != "" { #expect(error?.description.contains(found) == true) }
    }
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.removeItem(atPath: "\(folder)/results.json")
    await #expect(throws: Fault.self) { try await evaluate(evaluation, in: folder) }
  }
}

@Test func secondWriterIsRefused() async throws {
  try await withTemporaryFolder { folder in
    let evaluation = Evaluation(try sums(2))
    let results = try await evaluate(evaluation, in: folder) { sample, index in
      if index == 0, number(of: sample) == 0 {
        let error = await #expect(throws: Fault.self) {
          try await evaluate(evaluation, in: folder)
        }
        #expect(error?.kind == .locked)
      }
      return try await add(sample, index)
    }
    #expect(results.sampleCount == 2)
  }
}

@Test func overtakingCompletionsKeepTheOrder() async throws {
  try await withTemporaryFolder { parent in
    var evaluation = Evaluation(try sums(24))
    _ = try await evaluate(evaluation, in: "\(parent)/one", isTraced: true)
    evaluation.concurrency = 8
    let load = Mutex((running: 0, most: 0))
    _ = try await evaluate(evaluation, in: "\(parent)/many", isTraced: true) { sample, index in
      load.withLock {
        $0.running += 1
        $0.most = max($0.most, $0.running)
      }
      // Of every eight the first ends last.
      try await Task.sleep(for: .milliseconds(2 * (8 - number(of: sample) % 8)))
      load.withLock { $0.running -= 1 }
      return try await add(sample, index)
    }
    #expect((2...8).contains(load.withLock { $0.most }))
    for file in ["samples.jsonl", "trace.jsonl", "results.json", "manifest.json"] {
      #expect(try bytes("\(parent)/one/\(file)") == bytes("\(parent)/many/\(file)"), "\(file)")
    }
  }
}

@Test func cancelledRunGoesOn() async throws {
  try await withTemporaryFolder { parent in
    var evaluation = Evaluation(try sums(12))
    _ = try await evaluate(evaluation, in: "\(parent)/whole")
    evaluation.concurrency = 3
    let stopped = evaluation
    await #expect(throws: CancellationError.self) {
      try await evaluate(stopped, in: "\(parent)/cut") { sample, index in
        if number(of: sample) == 7 {
          // The earlier ones must have ended before this one gives up.
          while try lines("\(parent)/cut/samples.jsonl").count < 7 {
            try await Task.sleep(for: .milliseconds(1))
          }
          throw CancellationError()
        }
        if number(of: sample) > 7 { try await Task.sleep(for: .seconds(60)) }
        return try await add(sample, index)
      }
    }
    #expect(try Run(reading: "\(parent)/cut").records.count == 7)
    #expect(try Run(reading: "\(parent)/cut").isComplete == false)

    let task = Task {
      try await evaluate(stopped, in: "\(parent)/cut") { sample, index in
        if number(of: sample) > 9 { try await Task.sleep(for: .seconds(60)) }
        return try await add(sample, index)
      }
    }
    while try lines("\(parent)/cut/samples.jsonl").count < 10 {
      try await Task.sleep(for: .milliseconds(1))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    _ = try await evaluate(evaluation, in: "\(parent)/cut")
    for file in ["samples.jsonl", "results.json"] {
      #expect(try bytes("\(parent)/whole/\(file)") == bytes("\(parent)/cut/\(file)"), "\(file)")
    }
  }
}

@Test func failFastEndsTheRun() async throws {
  try await withTemporaryFolder { folder in
    var evaluation = Evaluation(try sums(6))
    evaluation.failFast = true
    let stopped = evaluation
    await #expect(throws: Failure.self) { try await evaluate(stopped, in: folder) }
    #expect(try Run(reading: folder).records.count == 4)
  }
}

@Test(arguments: ["/proc/none/run", "/dev/null/run"])
func unwritableFolder(path: String) async throws {
  let evaluation = Evaluation(try sums(2))
  let error = await #expect(throws: Fault.self) {
    try await evaluate(evaluation, in: path)
  }
  #expect(error?.kind == .system)
}

@Test(.enabled(if: File.exists("/dev/full"), "needs /dev/full"))
func fullDisk() throws {
  let error = #expect(throws: Fault.self) {
    try File("/dev/full", flags: O_WRONLY).write([1, 2, 3])
  }
  #expect(
    error?.description == "/dev/full: expected to write 3 bytes, found No space left on device")
}
