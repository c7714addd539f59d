import TacitCheckpoint
import TacitFault

extension ModelFamily {
  /// Mistral: slides in every layer, by 4096 columns unless it says otherwise.
  public static let mistral = ModelFamily(
    name: "mistral", keys: Keys(), names: .rotary,
    // Converters call it llama.
    gguf: nil,
    rules: Rules(),
    slidingWindows: { (reader, layerCount) throws(Fault) in
      let standard = reader.values["sliding_window"] == nil ? 4096 : nil
      return try reader.slidingWindows(layerCount, default: standard) { _ in true }
    },
    open: LanguageModel.rotary)
}
