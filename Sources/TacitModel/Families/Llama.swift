import TacitCheckpoint
import TacitFault

extension ModelFamily {
  /// Llama 2 and 3, and what is built like them.
  public static let llama = ModelFamily(
    name: "llama", keys: Keys(), names: .rotary, gguf: GGUF(interleavesRows: true), rules: Rules(),
    slidingWindows: { (reader, layerCount) throws(Fault) in
      try reader.slidingWindows(layerCount, default: nil) { _ in false }
    },
    open: LanguageModel.rotary)
}
