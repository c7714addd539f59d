#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Shows on standard error how far an evaluation is; standard output is never touched.
public final class ProgressDisplay {
  /// How progress is shown.
  public enum Style: Sendable, Equatable {
    /// One line that is drawn over and over, at most ten times a second.
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

  /// Whether standard error is a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  private let style: Style
  private let title: String
  private let width: () -> Int
  private let now: () -> Double
  private let write: (String) -> Void
  private let start: Double
  private var lastDrawn = -Double.infinity
  private var last: EvaluationProgress?
  private var isDrawn = false

  /// Shows progress on standard error.
  /// - Parameters:
  ///   - title: What is evaluated, in a word or two.
  ///   - style: How it is shown.
  public convenience init(_ title: String, style: Style) {
    self.init(
      title, style: style, width: { terminalWidth() }, now: { monotonicSeconds() },
      write: { writeToStandardError($0) })
  }

  /// Shows progress on another device; `now` gives the seconds of a clock that never goes back.
  init(
    _ title: String, style: Style, width: @escaping () -> Int, now: @escaping () -> Double,
    write: @escaping (String) -> Void
  ) {
    self.title = singleLine(title)
    self.style = style
    self.width = width
    self.now = now
    self.write = write
    start = now()
  }

  /// Shows a state, unless the last one was shown a moment ago.
  public func update(_ progress: EvaluationProgress) {
    last = progress
    let time = now()
    let interval = style == .lines ? 5 : 0.1
    guard time - lastDrawn >= interval else { return }
    lastDrawn = time
    draw(progress, at: time)
  }

  /// Prints a line above the bar.
  public func note(_ text: String) {
    guard style != .quiet else { return }
    erase()
    write(text + "\n")
    if case .bar = style, let last { draw(last, at: now()) }
  }

  /// Leaves one line with the last state, and the terminal as it was.
  public func finish() {
    guard style != .quiet, let last else { return }
    erase()
    write(status(last, at: now()) + "\n")
    self.last = nil
  }

  private func erase() {
    if isDrawn { write("\r\u{1B}[K") }
    isDrawn = false
  }

  private func draw(_ progress: EvaluationProgress, at time: Double) {
    switch style {
    case .quiet: break
    case .lines: write(status(progress, at: time) + "\n")
    case .bar(let isColored):
      let status = status(progress, at: time)
      // One column stays free: a character in the last one makes some terminals wrap.
      let room = width() - 1
      let bar = bar(progress, width: min(30, room - displayWidth(status) - 1))
      let line = bar.isEmpty ? prefix(of: status, width: room) : status + " " + bar
      write("\r\u{1B}[K" + (isColored ? "\u{1B}[36m\(line)\u{1B}[0m" : line))
      isDrawn = true
    }
  }

  private func bar(_ progress: EvaluationProgress, width: Int) -> String {
    guard width >= 5, progress.total > 0 else { return "" }
    let filled = min(width, width * progress.done / progress.total)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  /// "prosqa 120/200  87.5 % ± 3.0  14.2/s  6 s left  2 failed".
  private func status(_ progress: EvaluationProgress, at time: Double) -> String {
    var parts = ["\(title) \(progress.done)/\(progress.total)"]
    if let accuracy = progress.accuracy {
      var part = "\(fixed(100 * accuracy, places: 1)) %"
      if let error = progress.standardError { part += " ± \(fixed(100 * error, places: 1))" }
      parts.append(part)
    }
    let fresh = progress.done - progress.resumed
    let seconds = time - start
    if fresh > 0, seconds > 0 {
      let rate = Double(fresh) / seconds
      parts.append("\(fixed(rate, places: rate < 10 ? 2 : 1))/s")
      let rest = Double(progress.total - progress.done) / rate
      if rest > 0 { parts.append("\(duration(rest)) left") }
    }
    if progress.errors > 0 { parts.append("\(progress.errors) failed") }
    return parts.joined(separator: "  ")
  }
}

/// A number with a fixed number of decimals, rounded half away from zero.
func fixed(_ number: Double, places: Int) -> String {
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  guard let scaled = Int(exactly: (number * scale).rounded()) else { return "\(number)" }
  guard places > 0 else { return String(scaled) }
  let digits = String(scaled.magnitude)
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return (scaled < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
}

/// "42 s", "3 min 05 s", "2 h 07 min".
private func duration(_ seconds: Double) -> String {
  guard let count = Int(exactly: seconds.rounded(.up)) else { return "?" }
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  if count < 60 { return "\(count) s" }
  if count < 3600 { return "\(count / 60) min \(two(count % 60)) s" }
  return "\(count / 3600) h \(two(count % 3600 / 60)) min"
}

private func prefix(of text: String, width: Int) -> String {
  var result = ""
  for character in text {
    guard displayWidth(result + String(character)) <= width else { break }
    result.append(character)
  }
  return result
}

private func terminalWidth() -> Int {
  var size = winsize()
  let status = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
  return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
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
