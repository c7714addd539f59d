import ArgumentParser
import Foundation
import TacitEval
import TacitFault
import TacitRecipe

/// The runs that a report is about.
struct RecordedRunOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Run folders, or folders of comparisons.",
      valueName: "run"))
  var paths: [String]

  @Option(help: "Label of the run that the others are compared with. Default: the first.")
  var baseline: String?

  /// The runs in the order given, and the index of the baseline.
  /// - Throws: `Fault` when a folder cannot be read; `ValidationError` for an unknown
  ///   baseline.
  func recordedRuns() throws -> (recordedRuns: [RecordedRun], baseline: Int) {
    var recordedRuns: [RecordedRun] = []
    var recorded: String?
    for path in paths {
      if let folder = try ComparisonFolder(reading: path) {
        recordedRuns += try folder.recordedRuns()
        if paths.count == 1 { recorded = try folder.baseline() }
      } else {
        recordedRuns.append(RecordedRun(label: path, run: try Run(reading: path)))
      }
    }
    if let twice = recordedRuns.map({ Self.location($0.path) }).repeated.first {
      throw ValidationError("'\(twice)' is given twice")
    }
    let labels = Self.labels(recordedRuns.map(\.path))
    for index in recordedRuns.indices { recordedRuns[index].label = labels[index] }
    let index = try Self.index(of: baseline ?? recorded, among: labels)
    return (recordedRuns, index)
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

  /// The file or folder that a path leads to; the options of a log stay.
  private static func location(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
  }

  /// The last parts of paths that tell them apart; a path as it is where no part does.
  private static func labels(_ paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: "/") }
    return zip(paths, parts).map { path, own in
      let suffix = (1...max(1, own.count)).lazy.map { own.suffix($0) }.first { suffix in
        parts.count { $0.suffix(suffix.count) == suffix } == 1
      }
      return suffix?.joined(separator: "/") ?? path
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
