import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitTesting
import Testing

/// Keys that are absent, null or unusual mean what they mean in Hugging Face.
@Suite struct ModelConfigurationTests {
  /// The configuration of a tiny model with some keys changed or removed.
  private func configuration(
    _ model: String, _ changes: [String: JSON], removing removed: String? = nil
  ) throws -> ModelConfiguration {
    let folder = try TemporaryFolder()
    let source = Fixtures.model(model)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/model.safetensors",
      withDestinationPath: source + "/model.safetensors")
    var members = try #require(try MappedFile(path: source + "/config.json").json().object)
    for (key, value) in changes { members[key] = value }
    if let removed { members[removed] = nil }
    try folder.write(try JSON.object(members).text().utf8, to: "config.json")
    return try ModelConfiguration(try Checkpoint(folder: folder.path))
  }

  @Test func defaultsOfTheFamilies() throws {
    #expect(try configuration("gpt2", [:], removing: "layer_norm_epsilon").normEpsilon == 1e-5)
    #expect(try configuration("qwen3", [:], removing: "rms_norm_eps").normEpsilon == 1e-6)
    let mistral = try configuration("mistral", [:], removing: "sliding_window")
    #expect(mistral.slidingWindows == [4096, 4096, 4096])
    #expect(try configuration("mistral", [:]).slidingWindows == [nil, nil, nil])
    #expect(try configuration("gpt2", ["head_dim": 4]).headSize == 16)
  }

  @Test func slidingLayersOfQwen() throws {
    let types: JSON = ["full_attention", "sliding_attention", "full_attention"]
    let off = try configuration("qwen2", ["layer_types": types, "sliding_window": 7])
    #expect(off.slidingWindows == [nil, nil, nil])
    let on = try configuration(
      "qwen2", ["layer_types": types, "sliding_window": 7, "use_sliding_window": true])
    #expect(on.slidingWindows == [nil, 7, nil])
    let upper = try configuration(
      "qwen2", ["sliding_window": 7, "use_sliding_window": true, "max_window_layers": 1])
    #expect(upper.slidingWindows == [nil, 7, 7])
  }

  @Test func nullRotaryParametersHideNothing() throws {
    let plain = try configuration("llama", [:])
    #expect(try configuration("llama", ["rope_parameters": .null]) == plain)
    guard case .llama3 = plain.rotary?.scaling else {
      Issue.record("the tiny Llama has scaled frequencies")
      return
    }
  }

  @Test(arguments: ["scale_attn_by_inverse_layer_idx": true, "scale_attn_weights": false])
  func attentionVariantsAreRefused(key: String, value: Bool) {
    let error = #expect(throws: Fault.self) {
      try configuration("gpt2", [key: .boolean(value)])
    }
    #expect(error?.place.hasSuffix("config.json: \(key)") == true)
  }
}
