import TacitCheckpoint
import TacitFault
import TacitJSON

/// Reads keys of config.json and says what is wrong with them.
struct ConfigurationReader {
  let values: JSON
  let path: String

  func fault(_ key: String, _ expected: String, _ found: String) -> Fault {
    Fault(path, key, expected: expected, found: found)
  }

  func family() throws(Fault) -> ModelFamily {
    let name = values["model_type"]?.string ?? ""
    guard let family = ModelFamily.all.first(where: { $0.name == name }) else {
      let known = ModelFamily.all.map { $0.name }.joined(separator: ", ")
      throw fault("model_type", "one of \(known)", name.isEmpty ? "none" : "'\(name)'")
    }
    return family
  }

  func optionalSize(_ key: String, maximum: Int) throws(Fault) -> Int? {
    guard let value = values[key], !value.isNull else { return nil }
    guard let size = value.integer, (1...maximum).contains(size) else {
      throw fault(key, "an integer from 1 to \(maximum)", (try? value.text()) ?? value.kind)
    }
    return size
  }

  func size(_ key: String, maximum: Int) throws(Fault) -> Int {
    guard let size = try optionalSize(key, maximum: maximum) else {
      throw fault(key, "an integer", "none")
    }
    return size
  }

  /// The width of a head: heads share the hidden size where the family or the file names none.
  func headSize(
    _ key: String?, hiddenSize: Int, headCount: Int
  ) throws(Fault) -> Int {
    if let key, let size = try optionalSize(key, maximum: 1 << 14) { return size }
    guard hiddenSize % headCount == 0 else {
      throw fault("hidden_size", "a multiple of \(headCount) heads", "\(hiddenSize)")
    }
    return hiddenSize / headCount
  }

  func boolean(_ key: String, default value: Bool) throws(Fault) -> Bool {
    guard let found = values[key], !found.isNull else { return value }
    guard let boolean = found.boolean else { throw fault(key, "true or false", found.kind) }
    return boolean
  }

  /// The epsilon of the norms; without the key what Hugging Face takes for the family.
  func epsilon(_ family: ModelFamily) throws(Fault) -> Float {
    let key = family.keys.normEpsilon
    guard let value = values[key], !value.isNull else { return family.rules.normEpsilon }
    guard let number = value.number, number >= 0, number < 1 else {
      throw fault(key, "a number from 0 to 1", (try? value.text()) ?? value.kind)
    }
    return Float(number)
  }

  func activation(_ family: ModelFamily) throws(Fault) -> ModelConfiguration.Activation {
    let known = family.rules.activations
    guard let name = values[family.keys.activation]?.string else { return known[0].value }
    guard let activation = known.first(where: { $0.key == name }) else {
      throw fault(family.keys.activation, family.rules.activationNames, "'\(name)'")
    }
    return activation.value
  }

  /// Whether a projection has a bias.
  func bias(_ rule: ModelFamily.Rules.Bias) throws(Fault) -> Bool {
    switch rule {
    case .always: true
    case .never: false
    case .configured: try boolean("attention_bias", default: false)
    }
  }

  /// The window of each layer: as `layer_types` says, else where `slides` says so.
  func slidingWindows(
    _ layerCount: Int, default standard: Int?, _ slides: (Int) -> Bool
  ) throws(Fault) -> [Int?] {
    guard let window = try optionalSize("sliding_window", maximum: 1 << 30) ?? standard else {
      return [Int?](repeating: nil, count: layerCount)
    }
    if let types = values["layer_types"]?.array {
      guard types.count == layerCount else {
        throw fault("layer_types", "\(layerCount) entries", "\(types.count)")
      }
      return types.map { $0.string == "sliding_attention" ? window : nil }
    }
    return (0..<layerCount).map { slides($0) ? window : nil }
  }

  /// `generation_config.json` wins over `config.json`, as in Hugging Face.
  func endOfSequenceIDs(_ generation: JSON) throws(Fault) -> [Int] {
    for (file, source) in [("generation_config.json", generation), ("config.json", values)] {
      guard let value = source["eos_token_id"], !value.isNull else { continue }
      let ids = (value.array ?? [value]).compactMap(\.integer)
      guard !ids.isEmpty, ids.count == value.array?.count ?? 1, ids.allSatisfy({ $0 >= 0 }) else {
        throw Fault(
          path.replacing("config.json", with: file), "eos_token_id",
          expected: "an id or a list of ids", found: (try? value.text()) ?? value.kind)
      }
      return ids
    }
    return []
  }
}
