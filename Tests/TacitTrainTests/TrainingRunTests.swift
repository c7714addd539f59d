import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTesting
import Testing

@testable import TacitTrain

@Suite struct TrainingRunTests {
  static let changes: JSON = [
    "steps": 25,
    "evaluation": [
      "every": 12, "limit": 5,
      "modes": [
        ["name": "direct"], ["name": "words", "follow": "steps"],
        ["name": "k2", "feed": "state", "thoughts": 2],
        ["name": "p2", "feed": "pause", "thoughts": 2],
      ],
    ],
    "snapshots": [["name": "early", "at": 0.3]],
  ]

  static func run(_ settings: TrainingSettings, in folder: String) throws -> TrainingRun {
    let evaluation = try #require(settings.evaluation)
    return try TrainingRun(
      settings, in: folder, tokenizerFolder: Training.tokenizerFolder,
      questions: HeldOutQuestions(
        count: evaluation.limit, seed: evaluation.seed,
        tokenizer: .load(folder: Training.tokenizerFolder)))
  }

  /// The lines of metrics.jsonl without what a clock says.
  static func metrics(_ folder: String) throws -> [JSON] {
    let text = try String(contentsOfFile: folder + "/metrics.jsonl", encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      guard case .object(var members) = try JSON(parsing: String(line)) else { return .null }
      for key in ["seconds", "tokens_per_second"] { members[key] = nil }
      return .object(members)
    }
  }

  /// Stopped after `steps`, and between savings killed where the disk had `lost` steps more.
  @Test(arguments: [(7, 0), (10, 3), (24, 0)])
  func goesOnWhereItStopped(steps: Int, lost: Int) async throws {
    let settings = try Training.settings(Self.changes)
    let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
    try await Self.run(settings, in: whole.path).run()
    try await Self.run(settings, in: parts.path).run(until: steps)
    if lost > 0 {
      // What a process leaves that is killed after more steps: lines beyond the saved state.
      let state = try Data(contentsOf: URL(fileURLWithPath: parts.path + "/training.safetensors"))
      try await Self.run(settings, in: parts.path).run(until: steps + lost)
      try state.write(to: URL(fileURLWithPath: parts.path + "/training.safetensors"))
      let handle = try #require(FileHandle(forWritingAtPath: parts.path + "/metrics.jsonl"))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("{\"step\": 13, \"half a li".utf8))
    }
    let resumed = try Self.run(settings, in: parts.path)
    #expect(resumed.stepCount == steps)
    try await resumed.run()
    for name in ["model.safetensors", "snapshots/early/model.safetensors", "config.json"] {
      let files = [whole, parts].map { FileManager.default.contents(atPath: $0.path + "/" + name) }
      #expect(files[0] != nil && files[0] == files[1], "\(name)")
    }
    #expect(try Self.metrics(whole.path) == Self.metrics(parts.path))
    #expect(try Self.metrics(whole.path).count == 5 + 3)
  }

  /// A card says what was done and reached; its texts are no reason to refuse a folder.
  @Test func finishedModelsHaveCards() async throws {
    let folder = try TemporaryFolder()
    let settings = try Training.settings(Self.changes)
    try await Self.run(settings, in: folder.path).run(until: 12)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/README.md"))
    guard case .object(var members) = Self.changes else { return }
    members["card"] = ["summary": "Four letters.", "caution": "Nothing."]
    try await Self.run(Training.settings(.object(members)), in: folder.path).run()
    let card = try String(contentsOfFile: folder.path + "/README.md", encoding: .utf8)
    let metrics = try Self.metrics(folder.path)
    let tokens = try #require(metrics.last { $0["tokens"] != nil }?["tokens"]?.integer)
    let right = try #require(metrics.last?["accuracy"]?["k2"]?.number)
    for expected in [
      "Four letters.", "| steps | 25 |", "| rows read | \(tokens) |", "\"graphs\": 6",
      "What it does not show\n\nNothing.",
      "Greedy answers to 5 generated problems that it was not trained on, after step 25.",
      "| k2 | \(String(format: "%.1f", 100 * right)) % | ",
    ] { #expect(card.contains(expected), "\(expected)\n\(card)") }
    let early = try String(
      contentsOfFile: folder.path + "/snapshots/early/README.md", encoding: .utf8)
    #expect(early.contains("| steps | 8 of 25 |") && !early.contains("## Accuracy"))
  }

  /// The folder is a model for every other command.
  @Test func folderIsAModel() async throws {
    let folder = try TemporaryFolder()
    let settings = try Training.settings(Self.changes)
    let run = try Self.run(settings, in: folder.path)
    try await run.run(until: 2)
    let model = try ReasoningModel(
      .init(name: "trained", folder: folder.path), scheduler: Scheduler())
    #expect(model.configuration.hiddenSize == 32 && model.endOfSequenceIDs == [1])
    let nearest = model.nearestTokens(to: model.embedding(of: 20), count: 1)
    #expect(nearest == [model.tokenizer.token(20)])
    let configuration = try Checkpoint(folder: folder.path).configuration
    let start = try Training.settings(["model": .null, "start": "trained"])
    let further = try TrainingRun(
      start, in: folder.path + "/further", tokenizerFolder: folder.path, startFolder: folder.path)
    try await further.run(until: 1)
    #expect(try Checkpoint(folder: folder.path + "/further").configuration == configuration)
  }

  @Test func refusesTheFolderOfAnotherRun() async throws {
    let folder = try TemporaryFolder()
    let run = try Self.run(Training.settings(Self.changes), in: folder.path)
    let busy = #expect(throws: Fault.self) {
      try Self.run(Training.settings(Self.changes), in: folder.path)
    }
    #expect(busy?.found == "one that is going on")
    try await run.run(until: 1)
    var changes = Self.changes
    if case .object(var members) = changes {
      members["graphs"] = 5
      changes = .object(members)
    }
    let error = #expect(throws: Fault.self) {
      try Self.run(Training.settings(changes), in: folder.path)
    }
    #expect(error?.found == "other values of 'graphs'")
  }

  @Test func refusesADamagedState() async throws {
    let folder = try TemporaryFolder()
    let settings = try Training.settings(Self.changes)
    try await Self.run(settings, in: folder.path).run(until: 5)
    try folder.write([], to: "metrics.jsonl")
    #expect(throws: Fault.self) { try Self.run(settings, in: folder.path) }
    try folder.write(Array("no tensors".utf8), to: "training.safetensors")
    #expect(throws: Fault.self) { try Self.run(settings, in: folder.path) }
  }

  /// Weights that are no numbers end the run with an error before anything is saved.
  @Test func reportsDivergence() async throws {
    let folder = try TemporaryFolder()
    try await Self.run(Training.settings(Self.changes), in: folder.path).run(until: 1)
    let path = folder.path + "/model.safetensors"
    let file = try SafeTensorsFile(path: path)
    try SafeTensorsFile.write(
      file.entries.sorted { $0.key < $1.key }.map { name, entry in
        var values = try file.values(name, shape: entry.shape)
        if name == "model.norm.weight" { values[3] = .nan }
        return .init(name, shape: entry.shape, values: values)
      }, to: path)
    let further = folder.path + "/further"
    let run = try TrainingRun(
      Training.settings(["model": .null, "start": "broken"]), in: further,
      tokenizerFolder: folder.path, startFolder: folder.path)
    let error = await #expect(throws: Fault.self) { try await run.run() }
    #expect(error?.place == "step 1")
    #expect(!FileManager.default.fileExists(atPath: further + "/model.safetensors"))
  }

  @Test func curveShowsEveryModeAndStopsLoading() async throws {
    let folder = try TemporaryFolder()
    let settings = try Training.settings(Self.changes)
    func page() throws -> String {
      try String(contentsOfFile: folder.path + "/curve.html", encoding: .utf8)
    }
    try await Self.run(settings, in: folder.path).run(until: 12)
    #expect(try page().contains("http-equiv=\"refresh\""))
    try await Self.run(settings, in: folder.path).run()
    #expect(try !page().contains("http-equiv=\"refresh\""))
    for name in ["tokens", "thoughts", "direct", "words", "k2", "p2"] {
      #expect(try page().contains("</span> \(name): "))
    }
  }
}
