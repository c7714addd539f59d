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

  func headSize(hiddenSize: Int, headCount: Int) throws(CheckpointError) -> Int {
    if let size = try optionalSize("head_dim", maximum: 1 << 14) { return size }
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

  func epsilon(_ key: String) throws(CheckpointError) -> Float {
    guard let value = values[key] else { return 1e-5 }
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

  /// Mistral slides in every layer; Qwen 2 and 3 only where they are told to.
  func slidingWindows(
    _ family: ModelConfiguration.Family, layerCount: Int
  ) throws(CheckpointError) -> [Int?] {
    let none = [Int?](repeating: nil, count: layerCount)
    guard let window = try optionalSize("sliding_window", maximum: 1 << 30) else { return none }
    if let types = values["layer_types"]?.array {
      guard types.count == layerCount else {
        throw fault("layer_types", "\(layerCount) entries", "\(types.count)")
      }
      return types.map { $0.string == "sliding_attention" ? window : nil }
    }
    switch family {
    case .mistral: return none.map { _ in window }
    case .qwen2, .qwen3:
      guard try boolean("use_sliding_window", default: false) else { return none }
      let first = values["max_window_layers"]?.integer ?? 28
      return none.indices.map { $0 >= first ? window : nil }
    default: return none
    }
  }

  /// `generation_config.json` wins over `config.json`, as in Hugging Face.
  func endOfSequenceIDs(_ generation: JSON) throws(CheckpointError) -> [Int] {
    for value in [generation["eos_token_id"], values["eos_token_id"]] {
      guard let value, !value.isNull else { continue }
      if let id = value.integer { return [id] }
      let ids = (value.array ?? []).compactMap(\.integer)
      guard !ids.isEmpty, ids.count == value.array?.count else {
        throw fault("eos_token_id", "an id or a list of ids", (try? value.text()) ?? value.kind)
      }
      return ids
    }
    return []
  }
}
