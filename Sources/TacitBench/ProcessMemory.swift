import Foundation

/// Memory of this process.
public enum ProcessMemory {
  /// The most bytes that were resident at one time; nil where the system does not say.
  public static var peakResidentBytes: Int? {
    #if os(Linux)
      // Unlike getrusage, this leaves out what the process was before it became this program.
      guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
          Int($0)
        })
      else { return nil }
      return kibibytes << 10
    #else
      var usage = rusage()
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
      return usage.ru_maxrss
    #endif
  }
}
