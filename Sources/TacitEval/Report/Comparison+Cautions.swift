import OrderedCollections

extension Comparison {
  /// What a reader must know before believing the numbers, a sentence each.
  var cautions: [String] {
    let rules = OrderedSet(runs.map(\.results.decidingRule))
    let mixed = "The runs were scored by different rules: \(rules.joined(separator: ", "))."
    return runs.flatMap(cautions) + (rules.count > 1 ? [mixed] : [])
  }

  private func cautions(about run: RunResults) -> [String] {
    let results = run.results
    let total = results.completionCount
    let failed = results.errorCount
    let silent = total - results.extractedCount - failed
    var lines: [String] = []
    if failed > 0 {
      lines.append("\(run.label): \(failed) of \(total) completions failed and count as wrong.")
    }
    if silent > 0 {
      lines.append(
        "\(run.label): no answer was found in \(silent) of \(total) completions, which count as "
          + "wrong.")
    }
    if results.oracleCount > 0 {
      lines.append(
        "\(run.label): \(results.oracleCount) of \(total) completions saw verdicts on the right "
          + "answer (oracle); their accuracy is an upper bound.")
    }
    if !results.isMeasured { lines.append("\(run.label): costs are not known.") }
    return lines
  }
}
