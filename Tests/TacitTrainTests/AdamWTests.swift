import TacitJSON
import TacitModel
import TacitTensor
import TacitTesting
import Testing

@testable import TacitTrain

@Suite struct AdamWTests {
  static func floats(_ value: JSON?) -> [Float] {
    value?.array?.map { Float($0.number ?? .nan) } ?? []
  }

  /// Three steps, the first and last of which are clipped, as PyTorch takes them.
  @Test func golden() throws {
    let golden = try Fixtures.json("training/adamw.json")
    let parameters = [
      Parameter("q_proj.weight", shape: [3, 4], values: Self.floats(golden["matrix"])),
      Parameter("norm.weight", shape: [4], values: Self.floats(golden["vector"])),
    ]
    var settings = AdamW.Settings()
    settings.beta2 = 0.98
    settings.weightDecay = 0.1
    let optimizer = AdamW(parameters, names: ModelFamily.llama.names, settings: settings)
    let gradients = ParameterGradients(parameters)
    for step in try #require(golden["steps"]?.array) {
      for (index, name) in ["matrix_gradient", "vector_gradient"].enumerated() {
        gradients.withUnsafeMutableBufferPointer(at: index) { memory in
          for (place, value) in Self.floats(step[name]).enumerated() { memory[place] = value }
        }
      }
      let rate = try #require(step["learning_rate"]?.number)
      let norm = optimizer.step(gradients, learningRate: rate)
      #expect(abs(norm / (step["norm"]?.number ?? 0) - 1) < 1e-6)
      for (parameter, name) in zip(parameters, ["matrix", "vector"]) {
        let difference = relativeDifference([parameter.values], [Self.floats(step[name])])
        #expect(difference < 1e-6, "\(name): \(difference)")
      }
    }
  }
}
