import TacitCheckpoint
import TacitFault

extension ModelFamily {
  /// Qwen 2 and 2.5: biases of queries, keys and values.
  public static let qwen2 = ModelFamily(
    name: "qwen2", keys: Keys(), names: .rotary, gguf: GGUF(),
    rules: Rules(queryKeyValueBias: .always, attentionOutputBias: .never),
    slidingWindows: qwenWindows, open: LanguageModel.rotary)

  /// Layers slide only where they are told to, by default from layer 28 on.
  static let qwenWindows: @Sendable (ConfigurationReader, Int) throws(Fault) -> [Int?] = {
    (reader, layerCount) throws(Fault) in
    guard try reader.boolean("use_sliding_window", default: false) else {
      return [Int?](repeating: nil, count: layerCount)
    }
    let first = reader.values["max_window_layers"]?.integer ?? 28
    return try reader.slidingWindows(layerCount, default: nil) { $0 >= first }
  }
}
