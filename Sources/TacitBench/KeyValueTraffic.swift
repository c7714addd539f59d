import TacitModel

extension Network {
  /// Bytes of keys and values that a session's attention reads in one repetition.
  ///
  /// A decoded token or a thought reads every column that it sees, its own included. Rows of a
  /// prompt share what they read: each column counts once.
  func keyValueBytes(readBy workload: Workload, settings: BenchSettings) -> Int {
    let columnBytes = layout.columnStride * layout.element.byteCount
    var columns = 0
    for window in configuration.slidingWindows {
      guard workload != .prefill else {
        columns += settings.promptLength
        continue
      }
      for step in 1...settings.stepCount {
        columns += min(settings.contextLength + step, window ?? .max)
      }
    }
    return columns * columnBytes
  }
}
