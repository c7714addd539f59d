import Foundation
import TacitEval
import TacitModel
import TacitReasoning

/// The repository that holds this file.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

/// Data that is not part of the repository.
let sharedFolder =
  ProcessInfo.processInfo.environment["TACIT_SHARED"] ?? packageFolder + "/../shared"

let embedded = packageFolder + "/Sources/TacitEval/Resources/datasets"

func isShared(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: "\(sharedFolder)/\(path)")
}

/// Runs a body with a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/tacit-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

func put(_ data: some Sequence<UInt8>, at path: String) throws {
  try Data(data).write(to: URL(filePath: path))
}

/// Writes a run as a log of lm-evaluation-harness.
func putLog(of run: Run, at path: String) throws {
  var text = ""
  LMEvalLog.export(run) { text += $0 }
  try put(text.utf8, at: path)
}

/// Problems about sums; the fifth fails, the second is answered wrongly.
func sums(_ count: Int) throws -> Dataset {
  let lines = (0..<count).map {
    #"{"question":"\#($0)+1 = “?”","answer":"\#($0 + 1)","hops":\#($0 % 2),"cluster":"c\#($0 / 2)"}"#
  }
  var options = DatasetOptions()
  options.scorer = "number"
  options.cluster = "cluster"
  return try Dataset(
    bytes: Array(lines.joined(separator: "\n").utf8), path: "sums.jsonl", options: options)
}

struct Failure: Error {}

func number(of sample: EvaluationSample) -> Int {
  Int(sample.id.split(separator: "/").last ?? "") ?? -1
}

/// Completes a sum; everything depends on the sample and the repeat only, seconds included.
@Sendable func add(_ sample: EvaluationSample, _ repeatIndex: Int) async throws -> Completion {
  let index = number(of: sample)
  if index == 4 { throw Failure() }
  var counts = Counts()
  counts.positions = 10 + index
  counts.tokens = 2
  counts.latentSteps = repeatIndex
  counts.floatingPointOperations = 1e12 / 3
  counts.peakMemoryBytes = 100 * index
  return Completion(
    promptTokenIDs: [1, 2, 3], tokenIDs: [4], text: "é \(index == 1 ? 0 : index + 1)",
    finishReason: .endOfSequence, counts: counts, seconds: 1.5, secondsToFirstToken: 0.5,
    trace: [
      TraceStep(stage: "coconut", step: 0, kind: .latent, norm: .nan, vector: [0.1, -2]),
      TraceStep(
        stage: "generate", step: 1, kind: .explicit, tokenID: 4, entropy: 0.25,
        details: ["b": 1, "a": .null]),
    ])
}

extension LMEvalLog {
  /// Exports a run to a file.
  static func write(_ run: Run, to path: String) throws {
    var text = ""
    export(run) { text += $0 }
    try put(text.utf8, at: path)
  }
}
