import Foundation
import TacitEval

/// Results of runs, a row each.
enum ResultsTable {
  /// Accuracy with its interval, results by hops where the dataset has them, and mean costs.
  static func table(_ runs: [FinishedRun]) -> Table {
    let hops = Set(runs.flatMap { $0.results.byHops.map(\.hops) }).sorted()
    let hasFailures = runs.contains { $0.results.errorCount > 0 }
    let titles =
      ["recipe", "accuracy", "95 % interval", "extracted"] + (hasFailures ? ["failed"] : [])
      + hops.map { "\($0) hops" }
      + ["latents", "tokens", "passes", "positions", "latency ms"]
    var table = Table(
      columns: titles.enumerated().map { Table.Column($1, isRightAligned: $0 > 0) })
    for run in runs { table.append(row(run, hops, hasFailures)) }
    return table
  }

  private static func row(
    _ run: FinishedRun, _ hops: [Int], _ showsFailures: Bool
  ) -> [String] {
    let results = run.results
    let count = Double(results.completionCount)
    let interval = results.accuracy.confidenceInterval
    func mean(_ total: Int) -> String { decimal(Double(total) / count) }
    let byHops = hops.map { number in
      results.byHops.first { $0.hops == number }.map { percent($0.accuracy.mean) } ?? "—"
    }
    let seconds = (results.prefillSeconds + results.decodeSeconds) / count
    return [
      run.label, percent(results.accuracy.mean),
      "\(decimal(100 * interval.lowerBound))–\(decimal(100 * interval.upperBound))",
      percent(Double(results.extractedCount) / count),
    ] + (showsFailures ? ["\(results.errorCount)"] : []) + byHops + [
      mean(results.counts.latentSteps), mean(results.counts.tokens),
      mean(results.counts.forwardPasses), mean(results.counts.positions),
      decimal(1000 * seconds),
    ]
  }

  private static func percent(_ share: Double) -> String { decimal(100 * share) + " %" }

  private static func decimal(_ number: Double) -> String { String(format: "%.1f", number) }
}

extension Dataset {
  /// A file, with options after a question mark, or an embedded dataset.
  /// - Throws: `EvaluationError` that says what was expected.
  static func named(_ text: String) throws -> Dataset {
    let (path, options) = try DatasetOptions.split(text)
    if FileManager.default.fileExists(atPath: path) {
      return try Dataset(path: path, options: options)
    }
    return try EmbeddedDatasets.builtIn().dataset(named: path, options: options)
  }
}
