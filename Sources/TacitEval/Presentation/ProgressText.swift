/// Puts how far evaluations are into words.
struct ProgressText {
  private let title: String
  private let labels: [String]

  /// - Parameters:
  ///   - title: What is evaluated, in a word or two.
  ///   - labels: What each of several runs is called; empty for a single one.
  init(title: String, labels: [String]) {
    self.title = singleLine(title)
    self.labels = labels.map(singleLine)
  }

  /// "prosqa 120/200  87.5 % ± 3.0  14.2/s  6 s left  2 failed"; several runs follow in lines of
  /// their own, or in the same line when they are no block.
  func lines(_ progress: [EvaluationProgress], seconds: Double, isBlock: Bool) -> [String] {
    let head = ["\(title) \(sum(progress, \.done))/\(sum(progress, \.total))"]
    let pace = pace(progress, seconds: seconds)
    if labels.isEmpty {
      return [(head + progress.compactMap(accuracy) + pace).joined(separator: "  ")]
    }
    let runs = zip(labels, progress).map { ($0, accuracy($1) ?? "—") }
    guard isBlock else {
      return [(head + pace + runs.map { "\($0) \($1)" }).joined(separator: "  ")]
    }
    let width = labels.map(displayWidth).max() ?? 0
    return [(head + pace).joined(separator: "  ")]
      + runs.map { label, accuracy in
        "  " + label + String(repeating: " ", count: width - displayWidth(label)) + "  " + accuracy
      }
  }

  /// A bar of the share that is done; empty when there is no room for one.
  func bar(_ progress: [EvaluationProgress], width: Int) -> String {
    let total = sum(progress, \.total)
    guard width >= 5, total > 0 else { return "" }
    let filled = min(width, width * sum(progress, \.done) / total)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private func sum(
    _ progress: [EvaluationProgress], _ part: KeyPath<EvaluationProgress, Int>
  ) -> Int { progress.reduce(0) { $0 + $1[keyPath: part] } }

  private func accuracy(_ progress: EvaluationProgress) -> String? {
    guard let accuracy = progress.accuracy else { return nil }
    let error = progress.standardError.map { " ± \(fixed(100 * $0, places: 1))" }
    return "\(fixed(100 * accuracy, places: 1)) %" + (error ?? "")
  }

  private func pace(_ progress: [EvaluationProgress], seconds: Double) -> [String] {
    var parts: [String] = []
    let done = sum(progress, \.done)
    let fresh = done - sum(progress, \.resumed)
    if fresh > 0, seconds > 0 {
      let rate = Double(fresh) / seconds
      parts.append("\(fixed(rate, places: rate < 10 ? 2 : 1))/s")
      let rest = Double(sum(progress, \.total) - done) / rate
      if rest > 0 { parts.append("\(duration(rest)) left") }
    }
    let errors = sum(progress, \.errors)
    if errors > 0 { parts.append("\(errors) failed") }
    return parts
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
