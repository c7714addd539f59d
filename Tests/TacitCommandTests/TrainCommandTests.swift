import Foundation
import TacitTesting
import Testing

@Suite struct TrainCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      local tacit = require "tacit"
      return tacit.training {
        name = "tiny", steps = tacit.param("steps", 6, "Steps."),
        model = { hidden_size = 16, intermediate_size = 16, num_hidden_layers = 1 },
        init = { previous_token_pairs = 2 },
        problems = { nodes = 8 }, graphs = 2, log_every = 2,
        batches = { { modes = { {}, { feed = "state", thoughts = { 2 } } } } },
        evaluation = { limit = 3, modes = { { name = "k2", feed = "state", thoughts = 2 } } },
      }
      """.utf8, to: "tiny.lua")
  }

  private var recipe: String { folder.path + "/tiny.lua" }

  /// Output is the accuracies; a stopped run goes on; the folder is a model for other verbs.
  @Test func trainsStopsAndGoesOn() throws {
    let out = folder.path + "/out"
    let first = try Command("train", recipe, "--out", out, "--stop-after", "4")
    #expect(first.status == 0 && first.output.isEmpty)
    #expect(first.errors.contains("step 4/6") && first.errors.contains("curve: \(out)/curve.html"))
    let second = try Command("train", recipe, "--out", out, "--threads", "1", "--quiet")
    #expect(second.status == 0 && second.output.hasPrefix("k2\t") && second.errors.isEmpty)
    let other = try Command("train", recipe, "--out", folder.path + "/whole", "--quiet")
    #expect(other.output == second.output)
    let weights = ["/out", "/whole"].map {
      FileManager.default.contents(atPath: folder.path + $0 + "/model.safetensors")
    }
    #expect(weights[0] != nil && weights[0] == weights[1])
    let run = try Command(
      "run", "pipelines/coconut.lua", "--model", out, "--question",
      "Tom is a lempus. Is Tom a lempus or yumpus?")
    #expect(run.status == 0)
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(try Command("check", recipe).output == "\(recipe): ok: trains tiny for 6 steps\n")
    let pipeline = try Command("train", "pipelines/coconut.lua")
    #expect(pipeline.status == 1 && pipeline.errors.contains("a training is needed here"))
    let training = try Command("run", recipe, "--question", "?")
    #expect(training.status == 1 && training.errors.contains("tacit train \(recipe)"))
    let out = folder.path + "/out"
    #expect(try Command("train", recipe, "--out", out, "--stop-after", "1", "-q").status == 0)
    let changed = try Command("train", recipe, "--out", out, "-P", "steps=7", "-q")
    #expect(changed.status == 1 && changed.errors.contains("other values of 'steps'"))
  }
}
