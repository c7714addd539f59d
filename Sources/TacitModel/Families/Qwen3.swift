import TacitCheckpoint

extension ModelFamily {
  /// Qwen 3: queries and keys are normalised head by head.
  public static let qwen3 = ModelFamily(
    name: "qwen3", keys: Keys(), names: .rotary, gguf: GGUF(),
    rules: Rules(normalizesQueryAndKey: true),
    slidingWindows: qwenWindows, open: LanguageModel.rotary)
}
