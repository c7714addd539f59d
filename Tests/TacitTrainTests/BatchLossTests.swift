import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTensor
import TacitTesting
import TacitText
import Testing

@testable import TacitTrain

/// A batch of the PyTorch program: the same tails, the same loss, the same gradients.
@Suite struct BatchLossTests {
  static let json = Result { try Fixtures.json("training/loss.json") }

  static func ids(_ value: JSON?) -> [Int32] { Golden.ids(value).map { Int32($0) } }

  static func tail(_ value: JSON) -> TrainingBatch.Tail {
    TrainingBatch.Tail(
      column: value["column"]?.integer ?? -1, tokens: ids(value["tokens"]),
      labels: ids(value["labels"]),
      weights: value["weights"]?.array?.map { Float($0.number ?? -1) } ?? [])
  }

  static func batch() throws -> TrainingBatch {
    let graphs = try #require(try json.get()["graphs"]?.array)
    return TrainingBatch(
      feed: .state, chainLength: 6,
      graphs: graphs.map { graph in
        TrainingBatch.Graph(
          facts: ids(graph["facts"]),
          branches: (graph["branches"]?.array ?? []).map { branch in
            TrainingBatch.Branch(
              tokens: ids(branch["tokens"]), tails: (branch["tails"]?.array ?? []).map(tail),
              targets: (branch["targets"]?.array ?? []).map { ids($0) })
          })
      })
  }

  /// The tails of each mode, from the path alone.
  @Test func tails() throws {
    let weights: JSON = ["answer": 3, "early": 0.25]
    let modes: [(JSON, ClosedRange<Int>)] = [
      (["weights": ["early": 0.25]], 100...100),
      (["follow": "steps"], 200...200),
      (["feed": "state", "thoughts": [0, 1, 2, 3, 4, 5, 6], "weights": weights], 0...6),
      (["feed": "state", "follow": "steps", "thoughts": [0, 1, 2, 3, 4, 5]], 300...306),
    ]
    let vocabulary = try Training.vocabulary()
    var count = 0
    for graph in try #require(try Self.json.get()["graphs"]?.array) {
      for branch in try #require(graph["branches"]?.array) {
        for expected in try #require(branch["tails"]?.array) {
          let tag = try #require(expected["tag"]?.integer)
          let (settings, tags) = try #require(modes.first { $0.1.contains(tag) })
          let mode = try #require(
            try OptionValue(settings).flatMap { try TrainingMode(optionValue: $0) })
          let writer = TailWriter(
            mode: mode, path: Self.ids(branch["path"]), vocabulary: vocabulary, share: 0)
          var found = writer.tail(thoughts: tag - tags.lowerBound, asked: 5)
          if let row = found.answerRow {
            #expect(found.labels[row] == Self.ids(branch["path"]).last)
          }
          found.answerRow = nil
          #expect(found == Self.tail(expected), "tag \(tag)")
          count += 1
        }
      }
    }
    #expect(count > 20)
  }

  /// The loss falls along its gradient as fast as the gradient says, whatever is fed.
  @Test(arguments: TrainingMode.Feed.allCases) func slope(feed: TrainingMode.Feed) throws {
    let thoughts: JSON = feed == .none ? [0] : [0, 1, 2]
    let mode: JSON = ["feed": .string(feed.rawValue), "thoughts": thoughts]
    let settings = try Training.settings([
      "accumulate": 2, "thought_targets": ["weight": 0.7], "batches": [["modes": [mode]]],
    ])
    let trainer = try Training.trainer(settings)
    let batches = (0..<2).map { trainer.maker.batch(step: 0, index: $0, at: 0) }
    var step = Trainer.Step()
    let found = trainer.gradients(of: batches, at: 0, to: &step)
    let slopes = trainer.optimizer.parameters.indices.map { index in
      found.withUnsafeMutableBufferPointer(at: index) { Array($0) }
    }
    let square = slopes.joined().reduce(0) { $0 + Double($1) * Double($1) }
    func loss(moved distance: Double) -> Double {
      func move(_ factor: Double) {
        for (parameter, slope) in zip(trainer.optimizer.parameters, slopes) {
          parameter.withUnsafeMutableBufferPointer { values in
            for place in values.indices { values[place] += Float(factor) * slope[place] }
          }
        }
      }
      move(distance)
      defer { move(-distance) }
      var step = Trainer.Step()
      _ = trainer.gradients(of: batches, at: 0, to: &step)
      return step.tokenLoss + 0.7 * step.thoughtLoss
    }
    let distance = 2e-3 / square.squareRoot()
    let slope = (loss(moved: distance) - loss(moved: -distance)) / (2 * distance)
    #expect(abs(slope / square - 1) < 0.01)
  }

  @Test(arguments: [1, 3]) func lossAndGradients(threads: Int) throws {
    Threads.setCount(threads)
    let arrays = try SafeTensorsFile(path: Fixtures.folder + "/training/loss.safetensors")
    let settings = try Training.settings([
      "model": ["hidden_size": 32, "intermediate_size": 64],
      "thought_targets": ["weight": 1],
    ])
    let trainer = try Training.trainer(settings) { (name, shape) throws(Fault) in
      try arrays.values(name, shape: shape)
    }
    var step = Trainer.Step()
    let gradients = trainer.gradients(of: [try Self.batch()], at: 0, to: &step)
    let golden = try Self.json.get()
    let tokenLoss = try #require(golden["token_loss"]?.number)
    let thoughtLoss = try #require(golden["thought_loss"]?.number)
    #expect(abs(step.tokenLoss / tokenLoss - 1) < 1e-5)
    #expect(abs(step.thoughtLoss / thoughtLoss - 1) < 1e-5)
    for (index, parameter) in trainer.optimizer.parameters.enumerated() {
      let expected = try arrays.values("gradient/" + parameter.name, shape: parameter.shape)
      let found = gradients.withUnsafeMutableBufferPointer(at: index) { Array($0) }
      let difference = relativeDifference([found], [expected])
      #expect(difference < 1e-4, "\(parameter.name): \(difference)")
    }
  }
}
