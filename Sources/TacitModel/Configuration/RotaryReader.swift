import TacitFault
import TacitJSON

/// Reads the rotary embedding in every spelling: `rope_parameters`, `rope_scaling`, and `rope_theta`
/// inside either or beside them.
///
/// Where two places say the same, they must agree; a `default` in one leaves the other its say.
struct RotaryReader {
  private let reader: ConfigurationReader
  private let maximumPositions: Int
  /// The object that says how the embedding is stretched, and its key.
  private let values: JSON
  private let key: String
  /// The kind of stretch.
  private let type: String

  init(_ reader: ConfigurationReader, maximumPositions: Int) throws(Fault) {
    self.reader = reader
    self.maximumPositions = maximumPositions
    var found: [(key: String, values: JSON, type: String)] = []
    for key in ["rope_scaling", "rope_parameters"] {
      guard let values = reader.values[key], !values.isNull else { continue }
      guard let members = values.object else {
        throw reader.fault(key, "an object", values.kind)
      }
      if let layers = members.first(where: { $0.value.object != nil })?.key {
        throw reader.fault("\(key).\(layers)", "one setting for all layers", "an object")
      }
      found.append((key, values, try Self.type(of: values, key, reader)))
    }
    let stretched = found.filter { $0.type != "default" }
    if stretched.count == 2, stretched[0].type != stretched[1].type {
      throw reader.fault(
        "rope_parameters.rope_type", "'\(stretched[0].type)', as rope_scaling says",
        "'\(stretched[1].type)'")
    }
    let chosen = stretched.first ?? found.first ?? ("rope_parameters", .null, "default")
    (key, values, type) = (chosen.key, chosen.values, chosen.type)
    try refuseParts(of: found.map { ($0.key, $0.values) })
  }

  private static func type(
    of values: JSON, _ key: String, _ reader: ConfigurationReader
  ) throws(Fault) -> String {
    var types: [String] = []
    for name in ["rope_type", "type"] {
      guard let value = values[name], !value.isNull else { continue }
      guard let type = value.string else {
        throw reader.fault("\(key).\(name)", "a string", value.kind)
      }
      types.append(type)
    }
    if let other = types.first(where: { $0 != types[0] }) {
      throw reader.fault("\(key).type", "'\(types[0])', as rope_type says", "'\(other)'")
    }
    return types.first ?? "default"
  }

  /// Heads of which only a part is rotated are another family's.
  private func refuseParts(of found: [(key: String, values: JSON)]) throws(Fault) {
    for (prefix, source) in found.map({ ("\($0.key).", $0.values) }) + [("", reader.values)] {
      guard let value = source["partial_rotary_factor"], !value.isNull, value.number != 1 else {
        continue
      }
      throw reader.fault(
        prefix + "partial_rotary_factor", "1: every component of a head is rotated",
        (try? value.text()) ?? value.kind)
    }
  }

  /// The base, wherever it stands.
  func theta() throws(Fault) -> Double {
    var theta: (place: String, value: Double)?
    for name in ["rope_theta", "rope_parameters.rope_theta", "rope_scaling.rope_theta"] {
      let value = name.split(separator: ".").reduce(reader.values as JSON?) { $0?[String($1)] }
      guard let value, !value.isNull else { continue }
      guard let number = value.number, number.isFinite, number > 0 else {
        throw reader.fault(name, "a positive number", (try? value.text()) ?? value.kind)
      }
      if let theta, theta.value != number {
        throw reader.fault(name, "\(theta.value), as \(theta.place) says", "\(number)")
      }
      theta = (name, number)
    }
    return theta?.value ?? 10_000
  }

  /// How the frequencies are stretched.
  func scaling(headSize: Int) throws(Fault) -> RotaryConfiguration.Scaling {
    switch type {
    case "default": return .none
    // Up to the positions that the model was made for, which no sequence exceeds, nothing changes.
    case "dynamic": return .none
    case "linear": return .linear(factor: try number("factor"))
    case "llama3":
      return .llama3(
        factor: try number("factor"), lowFrequencyFactor: try number("low_freq_factor"),
        highFrequencyFactor: try number("high_freq_factor"),
        originalPositions: try number("original_max_position_embeddings"))
    case "yarn": return .yarn(try yarn())
    case "divisors":
      let divisors = values["divisors"]?.array?.compactMap(\.number) ?? []
      guard divisors.count == headSize / 2, divisors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        throw reader.fault(
          "\(key).divisors", "\(headSize / 2) positive numbers", "\(divisors.count) numbers")
      }
      return .divisors(divisors)
    default:
      throw reader.fault(
        "\(key).rope_type", "default, linear, dynamic, llama3 or yarn", "'\(type)'")
    }
  }

  private func yarn() throws(Fault) -> YaRN {
    let original =
      try optionalNumber("original_max_position_embeddings") ?? Double(maximumPositions)
    let factor = try optionalNumber("factor") ?? Double(maximumPositions) / original
    let scales = (try optionalNumber("mscale"), try optionalNumber("mscale_all_dim"))
    let advised =
      if let (over, under) = scales as? (Double, Double) {
        YaRN.attentionFactor(factor, over) / YaRN.attentionFactor(factor, under)
      } else {
        YaRN.attentionFactor(factor)
      }
    var truncates = true
    if let value = values["truncate"], !value.isNull {
      guard let boolean = value.boolean else {
        throw reader.fault("\(key).truncate", "true or false", value.kind)
      }
      truncates = boolean
    }
    return YaRN(
      factor: factor, originalPositions: original,
      betaFast: try optionalNumber("beta_fast") ?? 32,
      betaSlow: try optionalNumber("beta_slow") ?? 1, truncates: truncates,
      attentionFactor: try optionalNumber("attention_factor") ?? advised)
  }

  private func number(_ name: String) throws(Fault) -> Double {
    guard let number = try optionalNumber(name) else {
      throw reader.fault("\(key).\(name)", "a positive number", "none")
    }
    return number
  }

  private func optionalNumber(_ name: String) throws(Fault) -> Double? {
    guard let value = values[name], !value.isNull else { return nil }
    guard let number = value.number, number.isFinite, number > 0 else {
      throw reader.fault("\(key).\(name)", "a positive number", (try? value.text()) ?? value.kind)
    }
    return number
  }
}

extension RotaryConfiguration {
  init(
    _ reader: ConfigurationReader, headSize: Int, maximumPositions: Int
  ) throws(Fault) {
    let rotary = try RotaryReader(reader, maximumPositions: maximumPositions)
    self.init(theta: try rotary.theta(), scaling: try rotary.scaling(headSize: headSize))
  }
}
