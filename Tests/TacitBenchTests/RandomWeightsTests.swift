import TacitBench
import TacitCheckpoint
import TacitFault
import TacitModel
import TacitTensor
import Testing

@Suite struct RandomWeightsTests {
  private func matrix(
    _ name: String, outputs: Int = 33, inputs: Int = 70, element: ElementType = .bfloat16,
    seed: UInt64 = 1
  ) throws -> Tensor {
    try RandomWeights(element: element, seed: seed)
      .matrix(name, outputs: outputs, inputs: inputs, layout: .outputMajor).widened()
  }

  @Test func dependOnSeedAndNameOnly() throws {
    let threads = Threads.count
    defer { Threads.setCount(threads) }
    // More elements than one thread fills at a time.
    let large = try matrix("a", outputs: 700, inputs: 128)
    Threads.setCount(1)
    #expect(try matrix("a", outputs: 700, inputs: 128) == large)
    #expect(try matrix("b", outputs: 700, inputs: 128) != large)
    #expect(try matrix("a", outputs: 700, inputs: 128, seed: 2) != large)
    let source = RandomWeights(element: .bfloat16, seed: 1)
    _ = try source.matrix("b", outputs: 3, inputs: 70, layout: .inputMajor)
    let second = try source.matrix("a", outputs: 33, inputs: 70, layout: .outputMajor)
    #expect(try second.widened() == matrix("a"))
  }

  @Test(arguments: ElementType.allCases)
  func haveVarianceOneOverInputs(element: ElementType) throws {
    let values = try matrix("a", outputs: 512, inputs: 256, element: element).values
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(mean) < 0.001)
    #expect(abs(square * 256 - 1) < 0.1)
    #expect(Set(values).count > 1000)
  }

  @Test func vectorsAndBytes() throws {
    let source = RandomWeights(element: .float16, seed: 0)
    #expect(source.vector("model.norm.weight", count: 3).values == [1, 1, 1])
    #expect(source.vector("h.0.attn.c_attn.bias", count: 2).values == [0, 0])
    _ = try source.matrix("a", outputs: 5, inputs: 7, layout: .outputMajor)
    _ = try source.matrix("b", outputs: 1, inputs: 1, layout: .inputMajor)
    #expect(source.byteCount == 72)
    #expect(source.contains("anything"))
    let small = RandomWeights(element: .float32, seed: 0, maximumByteCount: 100)
    _ = try small.matrix("a", outputs: 5, inputs: 3, layout: .outputMajor)
    #expect(throws: Fault.self) {
      try small.matrix("b", outputs: 11, inputs: 1, layout: .outputMajor)
    }
  }
}

/// Counts the elements that a model asks for, and gives it none.
private final class ElementCounter: WeightSource {
  private(set) var count = 0
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

  deinit { memory.deallocate() }

  func contains(_ name: String) -> Bool { true }

  func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) -> WeightMatrix {
    count += outputs * inputs
    return WeightMatrix(
      bytes: memory, element: .float32, outputs: outputs, inputs: inputs, owner: self)
  }

  func vector(_ name: String, count: Int) -> WeightVector {
    self.count += count
    return WeightVector([Float](repeating: 1, count: count))
  }
}

@Suite struct ModelPresetTests {
  /// The numbers of parameters that the Hub shows.
  static let parameterCounts = [
    "gpt2": 124_439_808, "gpt2-medium": 354_823_168, "smollm2-135m": 134_515_008,
    "smollm2-360m": 361_821_120, "tinyllama-1.1b": 1_100_048_384, "llama-3.2-1b": 1_235_814_400,
    "llama-3.2-3b": 3_212_749_824, "qwen2.5-0.5b": 494_032_768, "qwen2.5-1.5b": 1_543_714_304,
    "qwen3-0.6b": 596_049_920, "qwen3-1.7b": 1_720_574_976, "qwen3-4b": 4_022_468_096,
  ]

  @Test func haveTheSizesOfTheirModels() throws {
    #expect(Set(ModelPreset.all.map(\.name)) == Set(Self.parameterCounts.keys))
    for preset in ModelPreset.all {
      let counter = ElementCounter()
      let configuration = try ModelPreset.configuration(preset.name)
      _ = try LanguageModel.make(configuration, weights: counter)
      #expect(counter.count == Self.parameterCounts[preset.name], "\(preset.name)")
    }
  }

  @Test func unknownNamesListTheKnown() throws {
    #expect(try ModelPreset.configuration("Qwen3-0.6B").layerCount == 28)
    let error = #expect(throws: Fault.self) { try ModelPreset.configuration("qwen") }
    #expect(error?.description.contains("smollm2-135m, ") == true)
    #expect(throws: Fault.self) { try ModelPreset.configuration("no/such.json") }
  }
}
