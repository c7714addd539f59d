import Foundation
import TacitEval

/// Results of runs, a row each.
enum ResultsTable {
  /// Accuracies, and below them what each run costs.
  static func text(_ runs: [(label: String, results: EvaluationResults)]) -> String {
    accuracies(runs).rendered(as: .text) + "\n"
      + Table.costs(runs).rendered(as: .text)
  }

  /// Accuracy with its interval, and by hops where the dataset has them.
  private static func accuracies(_ runs: [(label: String, results: EvaluationResults)]) -> Table {
    let hops = Set(runs.flatMap { $0.results.byHops.map(\.hops) }).sorted()
    let hasFailures = runs.contains { $0.results.errorCount > 0 }
    let titles =
      ["recipe", "accuracy", "95 % interval", "extracted"] + (hasFailures ? ["failed"] : [])
      + hops.map { "\($0) hops" }
    var table = Table(
      columns: titles.enumerated().map { Table.Column($1, isRightAligned: $0 > 0) })
    for (label, results) in runs {
      let interval = results.accuracy.confidenceInterval
      let byHops = hops.map { number in
        results.byHops.first { $0.hops == number }.map { percent($0.accuracy.mean) } ?? "—"
      }
      table.append(
        [
          label, percent(results.accuracy.mean),
          "\(decimal(100 * interval.lowerBound))–\(decimal(100 * interval.upperBound))",
          percent(Double(results.extractedCount) / Double(results.completionCount)),
        ] + (hasFailures ? ["\(results.errorCount)"] : []) + byHops)
    }
    return table
  }

  private static func percent(_ share: Double) -> String { decimal(100 * share) + " %" }

  private static func decimal(_ number: Double) -> String { String(format: "%.1f", number) }
}
