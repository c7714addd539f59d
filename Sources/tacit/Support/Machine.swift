import Foundation

/// What results say about the machine that made them.
enum Machine {
  /// The name that the processor gives itself, or "unknown".
  static var processorName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").last ?? "unknown"
    return name.trimmingCharacters(in: .whitespaces)
  }
}
