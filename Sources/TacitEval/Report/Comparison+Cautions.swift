import OrderedCollections

extension Comparison {
  /// What a reader must know before believing the numbers, a sentence each.
  var cautions: [String] {
    let rules = OrderedSet(entries.map(\.results.decidingRule))
    let mixed = "The runs were scored by different rules: \(rules.joined(separator: ", "))."
    return entries.flatMap(cautions) + (rules.count > 1 ? [mixed] : [])
  }

  private func cautions(about entry: Entry) -> [String] {
    let results = entry.results
    let total = results.completionCount
    let failed = results.errorCount
    let silent = total - results.extractedCount - failed
    var lines: [String] = []
    if failed > 0 {
      lines.append("\(entry.label): \(failed) of \(total) completions failed and count as wrong.")
    }
    if silent > 0 {
      lines.append(
        "\(entry.label): no answer was found in \(silent) of \(total) completions, which count as "
          + "wrong.")
    }
    if results.oracleCount > 0 {
      lines.append(
        "\(entry.label): \(results.oracleCount) of \(total) completions saw verdicts on the right "
          + "answer (oracle); their accuracy is an upper bound.")
    }
    if !results.isMeasured { lines.append("\(entry.label): costs are not known.") }
    return lines
  }
}
