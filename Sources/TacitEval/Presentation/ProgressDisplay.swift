#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Shows on standard error how far an evaluation is; standard output is never touched.
public final class ProgressDisplay {
  /// How progress is shown.
  public enum Style: Sendable, Equatable {
    /// A block that is drawn over and over, at most ten times a second.
    case bar(isColored: Bool)
    /// A line every five seconds.
    case lines
    /// Nothing.
    case quiet

    /// A bar on a terminal that can draw one, lines elsewhere and where `CI` is set.
    ///
    /// `NO_COLOR`, when set to anything, leaves the bar without colour.
    public init(environment: [String: String], isTerminal: Bool, isQuiet: Bool) {
      func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
      if isQuiet {
        self = .quiet
      } else if !isTerminal || isSet("CI") || environment["TERM"] == "dumb" {
        self = .lines
      } else {
        self = .bar(isColored: !isSet("NO_COLOR"))
      }
    }
  }

  /// Where progress is shown; a test has a device of its own.
  struct Device {
    /// Columns and rows.
    var size: () -> (columns: Int, rows: Int)
    /// Seconds of a clock that never goes back.
    var now: () -> Double
    var write: (String) -> Void

    static var standardError: Device {
      Device(
        size: terminalSize, now: monotonicSeconds, write: writeToStandardError)
    }
  }

  /// Whether standard error is a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  private let style: Style
  private let device: Device
  private let text: ProgressText
  private let start: Double
  private var lastDrawn = -Double.infinity
  private var last: [EvaluationProgress] = []
  private var drawnLines = 0

  /// Shows progress on standard error.
  /// - Parameters:
  ///   - title: What is evaluated, in a word or two.
  ///   - labels: What each of several runs is called; empty for a single one.
  ///   - style: How it is shown.
  public convenience init(_ title: String, labels: [String] = [], style: Style) {
    self.init(title, labels: labels, style: style, device: .standardError)
  }

  init(_ title: String, labels: [String] = [], style: Style, device: Device) {
    text = ProgressText(title: title, labels: labels)
    self.style = style
    self.device = device
    start = device.now()
  }

  /// Shows a state, one per label, unless the last one was shown a moment ago.
  public func update(_ progress: [EvaluationProgress]) {
    last = progress
    let time = device.now()
    let interval = style == .lines ? 5 : 0.1
    guard time - lastDrawn >= interval else { return }
    lastDrawn = time
    draw(at: time)
  }

  /// Leaves the last state, and the terminal as it was.
  public func finish() {
    guard style != .quiet, !last.isEmpty else { return }
    let lines = text.lines(last, seconds: device.now() - start, isBlock: style != .lines)
    device.write((drawnLines > 0 ? erasure : "") + lines.joined(separator: "\n") + "\n")
    last = []
  }

  /// Goes to the beginning of what was drawn and clears all from there.
  private var erasure: String {
    "\r" + (drawnLines > 1 ? "\u{1B}[\(drawnLines - 1)A" : "") + "\u{1B}[J"
  }

  private func draw(at time: Double) {
    switch style {
    case .quiet: break
    case .lines:
      for line in text.lines(last, seconds: time - start, isBlock: false) {
        device.write(line + "\n")
      }
    case .bar(let isColored):
      let size = device.size()
      // One column stays free: a character in the last one makes some terminals wrap.
      let room = size.columns - 1
      let isBlock = last.count < size.rows - 1
      var lines = text.lines(last, seconds: time - start, isBlock: isBlock)
      let bar = text.bar(last, width: min(30, room - displayWidth(lines[0]) - 1))
      if !bar.isEmpty { lines[0] += " " + bar }
      let block = lines.map { prefix(of: $0, width: room) }.joined(separator: "\n")
      device.write(erasure + (isColored ? "\u{1B}[36m\(block)\u{1B}[0m" : block))
      drawnLines = lines.count
    }
  }
}

private func prefix(of text: String, width: Int) -> String {
  var result = ""
  for character in text {
    guard displayWidth(result + String(character)) <= width else { break }
    result.append(character)
  }
  return result
}

private func terminalSize() -> (columns: Int, rows: Int) {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
  return (Int(size.ws_col), Int(size.ws_row))
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func writeToStandardError(_ text: String) {
  // A closed standard error must not end the run, so the result does not matter.
  let bytes = Array(text.utf8)
  #if canImport(Glibc)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  #else
    _ = Darwin.write(STDERR_FILENO, bytes, bytes.count)
  #endif
}
