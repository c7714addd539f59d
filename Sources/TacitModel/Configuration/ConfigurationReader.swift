import TacitCheckpoint
import TacitJSON

/// Reads keys of config.json and says what is wrong with them.
struct ConfigurationReader {
  let values: JSON
  let path: String

  func fault(_ key: String, _ expected: String, _ found: String) -> CheckpointError {
    CheckpointError(path: path, location: key, expected: expected, found: found)
  }

  func family() throws(CheckpointError) -> ModelConfiguration.Family {
    let name = values["model_type"]?.string ?? ""
    guard let family = ModelConfiguration.Family(rawValue: name) else {
      let known = ModelConfiguration.Family.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("model_type", "one of \(known)", name.isEmpty ? "none" : "'\(name)'")
    }
    return family
  }

  func optionalSize(_ key: String, maximum: Int) throws(CheckpointError) -> Int? {
    guard let value = values[key], !value.isNull else { return nil }
    guard let size = value.integer, (1...maximum).contains(size) else {
      throw fault(key, "an integer from 1 to \(maximum)", (try? value.text()) ?? value.kind)
    }
    return size
  }

  func size(_ key: String, maximum: Int) throws(CheckpointError) -> Int {
    guard let size = try optionalSize(key, maximum: maximum) else {
      throw fault(key, "an integer", "none")
    }
    return size
  }

  /// GPT-2 has no key for it: its heads share the hidden size.
  func headSize(
    _ family: ModelConfiguration.Family, hiddenSize: Int, headCount: Int
  ) throws(CheckpointError) -> Int {
    if family != .gpt2, let size = try optionalSize("head_dim", maximum: 1 << 14) { return size }
    guard hiddenSize % headCount == 0 else {
      throw fault("hidden_size", "a multiple of \(headCount) heads", "\(hiddenSize)")
    }
    return hiddenSize / headCount
  }

  func boolean(_ key: String, default value: Bool) throws(CheckpointError) -> Bool {
    guard let found = values[key], !found.isNull else { return value }
    guard let boolean = found.boolean else { throw fault(key, "true or false", found.kind) }
    return boolean
  }

  /// Without the key Hugging Face takes 1e-5 for GPT-2 and 1e-6 for the others.
  func epsilon(_ family: ModelConfiguration.Family) throws(CheckpointError) -> Float {
    let key = family == .gpt2 ? "layer_norm_epsilon" : "rms_norm_eps"
    guard let value = values[key], !value.isNull else { return family == .gpt2 ? 1e-5 : 1e-6 }
    guard let number = value.number, number >= 0, number < 1 else {
      throw fault(key, "a number from 0 to 1", (try? value.text()) ?? value.kind)
    }
    return Float(number)
  }

  func activation(
    _ key: String, _ family: ModelConfiguration.Family
  ) throws(CheckpointError) -> ModelConfiguration.Activation {
    let name = values[key]?.string ?? (family == .gpt2 ? "gelu_new" : "silu")
    switch (family == .gpt2, name) {
    case (false, "silu"), (false, "swish"): return .silu
    case (true, "gelu_new"), (true, "gelu_pytorch_tanh"): return .geluTanh
    case (true, "gelu"): return .gelu
    case (true, "relu"): return .relu
    default:
      throw fault(key, family == .gpt2 ? "gelu_new, gelu or relu" : "silu", "'\(name)'")
    }
  }

  /// Refuses switches of GPT-2 that change attention and that no supported checkpoint uses.
  func refuseAttentionVariants() throws(CheckpointError) {
    for (key, standard) in [
      ("scale_attn_weights", true), ("scale_attn_by_inverse_layer_idx", false),
    ] where try boolean(key, default: standard) != standard {
      throw fault(key, "\(standard)", "\(!standard)")
    }
  }

  /// Mistral slides in every layer, by 4096 columns unless it says otherwise; Qwen 2 and 3 only
  /// where they are told to.
  func slidingWindows(
    _ family: ModelConfiguration.Family, layerCount: Int
  ) throws(CheckpointError) -> [Int?] {
    let none = [Int?](repeating: nil, count: layerCount)
    let isQwen = family == .qwen2 || family == .qwen3
    if isQwen, try !boolean("use_sliding_window", default: false) { return none }
    let standard = family == .mistral && values["sliding_window"] == nil ? 4096 : nil
    guard let window = try optionalSize("sliding_window", maximum: 1 << 30) ?? standard else {
      return none
    }
    if let types = values["layer_types"]?.array {
      guard types.count == layerCount else {
        throw fault("layer_types", "\(layerCount) entries", "\(types.count)")
      }
      return types.map { $0.string == "sliding_attention" ? window : nil }
    }
    switch family {
    case .mistral: return none.map { _ in window }
    case .qwen2, .qwen3:
      let first = values["max_window_layers"]?.integer ?? 28
      return none.indices.map { $0 >= first ? window : nil }
    default: return none
    }
  }

  /// `generation_config.json` wins over `config.json`, as in Hugging Face.
  func endOfSequenceIDs(_ generation: JSON) throws(CheckpointError) -> [Int] {
    for (file, source) in [("generation_config.json", generation), ("config.json", values)] {
      guard let value = source["eos_token_id"], !value.isNull else { continue }
      let ids = (value.array ?? [value]).compactMap(\.integer)
      guard !ids.isEmpty, ids.count == value.array?.count ?? 1, ids.allSatisfy({ $0 >= 0 }) else {
        throw CheckpointError(
          path: path.replacing("config.json", with: file), location: "eos_token_id",
          expected: "an id or a list of ids", found: (try? value.text()) ?? value.kind)
      }
      return ids
    }
    return []
  }
}
