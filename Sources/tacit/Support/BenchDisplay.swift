import Foundation
import TacitBench
import TacitEval

/// Shows on standard error how far a benchmark is: one line that is drawn over on a terminal, else a
/// line for each result.
final class BenchDisplay {
  private let style: ProgressDisplay.Style

  init(isQuiet: Bool) {
    style = ProgressDisplay.Style(
      environment: ProcessInfo.processInfo.environment, isTerminal: ProgressDisplay.isTerminal,
      isQuiet: isQuiet)
  }

  /// Says what is done outside the workloads.
  func update(_ text: String) {
    switch style {
    case .quiet: break
    case .lines: StandardStreams.writeError(text)
    case .bar: StandardStreams.writeErrorText("\r\u{1B}[K" + text)
    }
  }

  func update(_ progress: Bench.Progress) {
    switch progress {
    case .readingContexts(let count): update("reading the contexts of \(count) sessions")
    case .repetition(let number, let count, let workload, let sessions):
      // Lines for every repetition would be many.
      guard case .bar = style else { return }
      let name = number == 0 ? "warm-up" : "\(number)/\(count)"
      update("\(workload.rawValue) of \(sessions): \(name)")
    case .finished(let result):
      let speed = String(format: "%.1f t/s", result.positionsPerSecond.median)
      update("\(result.workload.rawValue) of \(result.sessionCount): \(speed)")
    }
  }

  /// Leaves the terminal as it was.
  func finish() {
    if case .bar = style { StandardStreams.writeErrorText("\r\u{1B}[K") }
  }
}
