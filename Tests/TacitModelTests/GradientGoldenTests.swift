import TacitCheckpoint
import TacitJSON
import TacitTensor
import TacitTesting
import Testing

@testable import TacitModel

/// Gradients of every weight against PyTorch in Float64: `gradients/make_gradients.py` says of what.
///
/// There each sequence is computed anew and whole; here they share the prompt's memory and thoughts
/// are fed one by one.
@Suite struct GradientGoldenTests {
  static let models = ["gpt2", "llama", "qwen2", "qwen3"]

  /// Elements of the fixture that are sampled, evenly spaced from first to last.
  static func samples(of values: [Float], count: Int) -> [Float] {
    (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }

  @Test(arguments: models) func everyWeight(name: String) throws {
    let golden = try Golden("gradients/" + name)
    let checkpoint = try Checkpoint(folder: Fixtures.model(name))
    let store = ParameterStore(copying: checkpoint)
    let model = try LanguageModel.make(ModelConfiguration(checkpoint), weights: store)
    let sums = ParameterGradients(store.parameters)
    let names = try #require(golden.cases["parameters"]?.array).compactMap(\.string)
    #expect(Set(names) == Set(store.parameters.map(\.name)))
    let cases = try #require(golden.cases["cases"]?.array)
    #expect(cases.count == 4)
    for value in cases {
      let thoughts = try #require(value["k"]?.integer)
      sums.reset()
      let tape = Tape(addingTo: sums)
      let loss = tape.recording { ThoughtfulLoss(model).loss(thoughts: thoughts) }
      tape.backward(from: loss)
      let expectedLoss = try #require(value["loss"]?.number)
      #expect(abs(Double(loss[0][0]) / expectedLoss - 1) < 1e-5)
      let samples = try golden.rows("k\(thoughts).samples")
      let largest = try golden.rows("k\(thoughts).largest")[0]
      for (index, parameter) in store.parameters.enumerated() {
        let row = try #require(names.firstIndex(of: parameter.name))
        let found = sums.withUnsafeMutableBufferPointer(at: index) { Array($0) }
        let scale = largest[row]
        let peak = found.reduce(0) { max($0, abs($1)) }
        #expect(abs(peak - scale) <= 1e-4 * scale, "k \(thoughts) \(parameter.name)")
        let part = Self.samples(of: found, count: samples[row].count)
        let error = zip(part, samples[row]).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error <= 1e-4 * scale, "k \(thoughts) \(parameter.name): \(error / scale)")
      }
    }
  }
}

extension GradientGoldenTests {
  /// Two steps on one tape and one thread, then on two threads.
  @Test(arguments: models) func threadsAndReuseChangeNoBit(name: String) throws {
    let checkpoint = try Checkpoint(folder: Fixtures.model(name))
    let store = ParameterStore(copying: checkpoint)
    let model = try LanguageModel.make(ModelConfiguration(checkpoint), weights: store)
    let sums = ParameterGradients(store.parameters)
    let tape = Tape(addingTo: sums)
    let threads = Threads.count
    defer { Threads.setCount(threads) }
    let gradients = [1, 1, 2].map { threads in
      Threads.setCount(threads)
      sums.reset()
      let loss = tape.recording { ThoughtfulLoss(model).loss(thoughts: 2) }
      tape.backward(from: loss)
      return store.parameters.indices.map { index in
        sums.withUnsafeMutableBufferPointer(at: index) { $0.map(\.bitPattern) }
      }
    }
    #expect(gradients[1] == gradients[0])
    #expect(gradients[2] == gradients[0])
  }
}

/// The loss of the fixture.
struct ThoughtfulLoss {
  static let prompt: [Int32] = [33, 274, 517, 220, 20, 15, 294, 355, 65, 460, 275, 328]
  static let start: Int32 = 760
  static let tail = (ids: [767, 2, 220, 19] as [Int32], labels: [2, 220, 19, 760] as [Int32])
  static let other = (ids: [524, 0, 199] as [Int32], labels: [7, 199, 216] as [Int32])
  static let mixture: [Int: Float] = [5: 0.5, 9: 0.3, 700: 0.2]
  static let frontiers = [[3], [8, 40], [41, 42, 43], [100, 7, 500, 600]]

  let model: LanguageModel
  let vocabularySize: Int

  init(_ model: LanguageModel) {
    self.model = model
    vocabularySize = model.configuration.vocabularySize
  }

  /// Reads rows of several sequences, one after another.
  private func read(
    _ input: Tensor, _ parts: [RecordedPart]
  ) -> (states: Tensor, sessions: [RecordedSession]) {
    var memory = RecordedMemory(parts, configuration: model.configuration)
    let output = model.forward(input, memory: &memory)
    return (model.normalize(output.residual), memory.sessions)
  }

  func loss(thoughts: Int) -> Tensor {
    let prompt = read(
      model.embed(Self.prompt),
      [RecordedPart(RecordedSession(), rowCount: Self.prompt.count, wantedCount: 0)]
    ).sessions[0]
    var mixture = [Float](repeating: 0, count: vocabularySize)
    for (id, weight) in Self.mixture { mixture[id] = weight }
    let other = model.embed(Self.other.ids)
    let first = read(
      Tensor.concatenated([
        model.embed([Self.start]), other.slice(rows: 0..<1),
        model.mix(Tensor([mixture]), of: .embedding),
        other.slice(rows: 2..<3),
      ]), [RecordedPart(prompt, rowCount: 1), RecordedPart(prompt, rowCount: 3)])
    var states = [first.states.slice(rows: 0..<1)]
    var session = first.sessions[0]
    for step in 0..<thoughts {
      let next = read(states[step], [RecordedPart(session, rowCount: 1)])
      states.append(next.states)
      session = next.sessions[0]
    }
    let tail = read(model.embed(Self.tail.ids), [RecordedPart(session, rowCount: 4)]).states
    let aim = model.embed([7]).detached
    let error = states[thoughts].meanSquaredError(aim).weightedSum([0.3])
    return model.project(tail).crossEntropy(Self.tail.labels).weightedSum([0.5, 0, 1, 2])
      .adding(
        model.project(first.states.slice(rows: 1..<4)).crossEntropy(Self.other.labels)
          .weightedSum([1, 1, 0.25])
      )
      .adding(frontierLoss(Tensor.concatenated(states))).adding(error)
  }

  /// The soft cross-entropy of the head on every thought.
  private func frontierLoss(_ states: Tensor) -> Tensor {
    var targets = [Float](repeating: 0, count: states.rows * vocabularySize)
    for row in 0..<states.rows {
      let frontier = Self.frontiers[row]
      for id in frontier { targets[row * vocabularySize + id] = 1 / Float(frontier.count) }
    }
    return model.project(states)
      .crossEntropy(Tensor(rows: states.rows, columns: vocabularySize, values: targets))
      .weightedSum([Float](repeating: 0.5, count: states.rows))
  }
}
