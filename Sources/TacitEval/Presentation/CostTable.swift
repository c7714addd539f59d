extension Table {
  /// What runs cost per completion that did not fail, beside their accuracy; "—" where it is not known.
  ///
  /// Peak memory is the largest of a run's completions.
  public static func costs(_ runs: [(label: String, results: EvaluationResults)]) -> Table {
    let titles = [
      "accuracy", "latents", "latent share", "tokens", "passes", "positions", "FLOP", "ms", "peak",
    ]
    var table = Table(
      columns: [Column("recipe")] + titles.map { Column($0, isRightAligned: true) })
    for run in runs {
      let cells = costs(run.results) ?? titles.dropFirst().map { _ in "—" }
      table.append([run.label, percent(run.results.accuracy.mean)] + cells)
    }
    return table
  }

  private static func costs(_ results: EvaluationResults) -> [String]? {
    guard results.mean(0) != nil else { return nil }
    let count = Double(results.finishedCount)
    let counts = results.counts
    func mean(_ total: Int) -> String { fixed(Double(total) / count, places: 1) }
    let steps = counts.latentSteps + counts.tokens
    return [
      mean(counts.latentSteps),
      steps > 0 ? percent(Double(counts.latentSteps) / Double(steps)) : "—",
      mean(counts.tokens), mean(counts.forwardPasses), mean(counts.positions),
      scaled(counts.floatingPointOperations / count),
      fixed(1000 * (results.prefillSeconds + results.decodeSeconds) / count, places: 1),
      byteCount(counts.peakMemoryBytes),
    ]
  }
}
