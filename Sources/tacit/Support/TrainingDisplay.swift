import Foundation
import TacitEval
import TacitTrain

/// Shows on standard error how a training goes: one line that is drawn over on a terminal, else a
/// line every ten seconds.
final class TrainingDisplay {
  private let style: ProgressDisplay.Style
  private let clock = ContinuousClock()
  private var lastDrawn: ContinuousClock.Instant?
  private var last: TrainingRun.Progress?

  init(isQuiet: Bool) {
    style = ProgressDisplay.Style(
      environment: ProcessInfo.processInfo.environment, isTerminal: ProgressDisplay.isTerminal,
      isQuiet: isQuiet)
  }

  /// Shows a state unless another was shown a moment ago.
  func update(_ progress: TrainingRun.Progress) {
    last = progress
    let interval = style == .lines ? Duration.seconds(10) : .milliseconds(200)
    if let lastDrawn, clock.now - lastDrawn < interval { return }
    lastDrawn = clock.now
    draw(progress)
  }

  /// Shows the last state and leaves the line.
  func finish() {
    guard let last else { return }
    draw(last)
    if case .bar = style { StandardStreams.writeError("") }
    self.last = nil
  }

  private func draw(_ progress: TrainingRun.Progress) {
    switch style {
    case .quiet: break
    case .lines: StandardStreams.writeError(Self.text(progress))
    case .bar: StandardStreams.writeErrorText("\r\u{1B}[K" + Self.text(progress))
    }
  }

  private static func text(_ progress: TrainingRun.Progress) -> String {
    var parts = ["step \(progress.step)/\(progress.stepCount)"]
    if let loss = progress.loss { parts.append(String(format: "loss %.3f", loss)) }
    parts += progress.accuracies.map { mode, accuracy in
      mode + String(format: " %.0f%%", 100 * accuracy)
    }
    parts.append("\(Int(progress.tokensPerSecond)) tokens/s")
    let seconds = Int(progress.secondsLeft)
    parts.append(String(format: "%d:%02d left", seconds / 60, seconds % 60))
    return parts.joined(separator: " · ")
  }
}
