extension Table {
  /// Accuracies of runs with their intervals, and by hops where the dataset has them.
  public static func accuracies(_ runs: [(label: String, results: EvaluationResults)]) -> Table {
    let hops = Set(runs.flatMap { $0.results.byHops.map(\.hops) }).sorted()
    let hasFailures = runs.contains { $0.results.errorCount > 0 }
    let titles =
      ["accuracy", "95 % interval", "extracted"] + (hasFailures ? ["failed"] : [])
      + hops.map { "\($0) hops" }
    var table = Table(
      columns: [Column("recipe")] + titles.map { Column($0, isRightAligned: true) })
    for (label, results) in runs {
      let byHops = hops.map { number in
        results.byHops.first { $0.hops == number }.map { percent($0.accuracy.mean) } ?? "—"
      }
      table.append(
        [
          label + results.mark, percent(results.accuracy.mean),
          percentRange(results.accuracy.confidenceInterval),
          percent(Double(results.extractedCount) / Double(results.completionCount)),
        ] + (hasFailures ? ["\(results.errorCount)"] : []) + byHops)
    }
    return table
  }
}
