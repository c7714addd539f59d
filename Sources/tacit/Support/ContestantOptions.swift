import ArgumentParser
import TacitEval
import TacitRecipe

/// The runs that a report is about.
struct ContestantOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Run folders, or folders of comparisons.",
      valueName: "run"))
  var paths: [String]

  @Option(help: "Label of the run that the others are compared with. Default: the first.")
  var baseline: String?

  /// The runs in the order given, and the index of the baseline.
  /// - Throws: `EvaluationError` when a folder cannot be read; `ValidationError` for an unknown
  ///   baseline.
  func contestants() throws -> (contestants: [Contestant], baseline: Int) {
    var contestants: [Contestant] = []
    var recorded: String?
    for path in paths {
      if let folder = try ComparisonFolder(reading: path) {
        contestants += try folder.contestants()
        if paths.count == 1 { recorded = try folder.baseline() }
      } else {
        contestants.append(Contestant(label: path, run: try Run(reading: path)))
      }
    }
    if let twice = contestants.map(\.path).repeated.first {
      throw ValidationError("'\(twice)' is given twice")
    }
    Self.shortenLabels(&contestants)
    let labels = contestants.map(\.label)
    let index = try Self.index(of: baseline ?? recorded, among: labels)
    return (contestants, index)
  }

  /// The position of a label; the first when none is named.
  /// - Throws: `ValidationError` for an unknown label.
  static func index(of baseline: String?, among labels: [String]) throws -> Int {
    guard let baseline else { return 0 }
    guard let index = labels.firstIndex(of: baseline) else {
      throw ValidationError(
        "--baseline: no run is called '\(baseline)'; the runs are \(labels.joined(separator: ", "))"
      )
    }
    return index
  }

  /// Calls runs by the last parts of their paths that tell them apart.
  private static func shortenLabels(_ contestants: inout [Contestant]) {
    let parts = contestants.map { $0.label.split(separator: "/").map(String.init) }
    for index in contestants.indices {
      let count = (1...max(1, parts[index].count)).first { count in
        parts.count { $0.suffix(count) == parts[index].suffix(count) } == 1
      }
      guard let count else { continue }
      contestants[index].label = parts[index].suffix(count).joined(separator: "/")
    }
  }
}

extension Collection where Element: Hashable {
  /// Elements that were there before.
  fileprivate var repeated: [Element] {
    var seen: Set<Element> = []
    return filter { !seen.insert($0).inserted }
  }
}
