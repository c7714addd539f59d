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

  static let yarn: JSON = ["rope_type": "yarn", "factor": 4.0, "rope_theta": 10000.0]

  /// One embedding, however it is spelt and wherever its parts stand.
  @Test func rotaryParametersInEverySpelling() throws {
    func rotary(_ changes: [String: JSON]) throws -> RotaryConfiguration? {
      try configuration("qwen3", changes, removing: "rope_theta").rotary
    }
    let whole = try rotary(["rope_parameters": Self.yarn])
    guard case .yarn(let yarn)? = whole?.scaling else {
      Issue.record("the stretch is YaRN's")
      return
    }
    #expect(yarn.factor == 4 && abs(yarn.attentionFactor - 1.1386294361119891) < 1e-15)
    #expect(try rotary(["rope_scaling": Self.yarn]) == whole)
    #expect(try rotary(["rope_scaling": ["type": "yarn", "factor": 4.0]]) == whole)
    #expect(
      try rotary([
        "rope_scaling": ["type": "yarn", "factor": 4], "rope_parameters": ["rope_theta": 10000],
      ]) == whole)
    let dynamic = try rotary(["rope_scaling": ["type": "dynamic", "factor": 2.0]])
    #expect(dynamic?.scaling == RotaryConfiguration.Scaling.none && dynamic?.theta == 10_000)
  }

  static let contradictions: [(changes: [String: JSON], place: String)] = [
    (["rope_theta": 5000, "rope_parameters": yarn], "rope_parameters.rope_theta"),
    (["rope_theta": "10000"], "rope_theta"),
    (
      ["rope_scaling": yarn, "rope_parameters": ["rope_type": "linear", "factor": 2]],
      "rope_parameters.rope_type"
    ),
    (["rope_scaling": ["rope_type": "yarn", "type": "linear", "factor": 2]], "rope_scaling.type"),
    (["rope_scaling": ["rope_type": "linear"]], "rope_scaling.factor"),
    (["rope_scaling": ["rope_type": "longrope"]], "rope_scaling.rope_type"),
    (["rope_scaling": ["rope_type": "yarn", "factor": 0]], "rope_scaling.factor"),
    (["rope_parameters": ["full_attention": ["rope_theta": 1]]], "rope_parameters.full_attention"),
    (["partial_rotary_factor": 0.5], "partial_rotary_factor"),
    (["rope_parameters": ["partial_rotary_factor": 0.5]], "rope_parameters.partial_rotary_factor"),
  ]

  @Test(arguments: contradictions)
  func rotaryParametersThatContradict(changes: [String: JSON], place: String) {
    let fault = #expect(throws: Fault.self) { try configuration("qwen3", changes) }
    #expect(fault?.place.hasSuffix("config.json: \(place)") == true)
  }

  @Test(arguments: ["scale_attn_by_inverse_layer_idx": true, "scale_attn_weights": false])
  func attentionVariantsAreRefused(key: String, value: Bool) {
    let error = #expect(throws: Fault.self) {
      try configuration("gpt2", [key: .boolean(value)])
    }
    #expect(error?.place.hasSuffix("config.json: \(key)") == true)
  }
}
