extension Comparison {
  /// All tables, findings and cautions, as a terminal or a Markdown page shows them.
  public func text(as format: Table.Format) -> String {
    let tables = [accuracyTable, hopsTable, costTable, ratioTable]
      .compactMap { $0?.rendered(as: format) }
    let bullet = format == .markdown ? "- " : ""
    let sentences = (findings + cautions).map { bullet + $0 + "\n" }.joined()
    return (tables + [sentences]).joined(separator: "\n")
  }

  /// Accuracies and their differences to the baseline.
  public var accuracyTable: Table {
    let name = runs[baseline].label
    let hasRepeats = runs.contains { $0.repeats != nil }
    let titles =
      ["accuracy", "95 % interval", "extracted"]
      + (hasRepeats ? ["pass@\(repeatCount)", "majority"] : [])
      + ["Δ to \(name)", "95 % of Δ", "p", "better/worse", "positions"]
    var table = Table(
      columns: [Table.Column("recipe")] + titles.map { Table.Column($0, isRightAligned: true) })
    for (index, run) in runs.enumerated() {
      table.append(
        [run.label + run.results.mark] + row(run, hasRepeats) + differenceCells(of: index))
    }
    return table
  }

  /// Accuracies by the number of reasoning steps; nil where no run knows them.
  public var hopsTable: Table? {
    let hops = Set(runs.flatMap { $0.results.byHops.map(\.hops) }).sorted()
    guard !hops.isEmpty else { return nil }
    let columns = hops.map { number in
      let counts = runs.compactMap { $0.results.byHops.first { $0.hops == number } }
      let count = counts.map(\.completionCount).max() ?? 0
      return Table.Column("\(number) (n = \(count))", isRightAligned: true)
    }
    var table = Table(columns: [Table.Column("by reasoning steps")] + columns)
    for run in runs {
      let accuracies = hops.map { number in
        run.results.byHops.first { $0.hops == number }.map { percent($0.accuracy.mean) } ?? "—"
      }
      table.append([run.label] + accuracies)
    }
    return table
  }

  /// What each run costs.
  public var costTable: Table {
    Table.costs(runs.map { ($0.label, $0.results) })
  }

  /// Costs as multiples of the baseline's, with 95 % intervals; nil where nothing is known.
  public var ratioTable: Table? {
    guard pairs.contains(where: { !$0.costs.isEmpty }) else { return nil }
    let titles = ["tokens", "positions", "FLOP", "latency"]
    var table = Table(
      columns: [Table.Column("× \(runs[baseline].label)")]
        + titles.map { Table.Column($0, isRightAligned: true) })
    for pair in pairs {
      let costs = Cost.Quantity.allCases.map { quantity in
        pair.costs.first { $0.quantity == quantity }
          .map { text($0.ratio, $0.interval) } ?? "—"
      }
      let latency = pair.latency.map { text($0.ratio, $0.interval) } ?? "—"
      table.append([runs[pair.run].label] + costs + [latency])
    }
    return table
  }

  /// Everything in plain numbers, a row per run, for other programs.
  public var numberTable: Table {
    let hasOracle = runs.contains { $0.results.oracleCount > 0 }
    var rows: [[(name: String, value: String)]] = []
    for index in runs.indices {
      rows.append(
        numbers(runs[index]) + numbers(pairs.first { $0.run == index })
          + (hasOracle ? [("oracle", "\(runs[index].results.oracleCount)")] : []))
    }
    return Table(
      columns: (rows.first ?? []).map { Table.Column($0.name) },
      rows: rows.map { $0.map(\.value) })
  }

  private func numbers(_ run: RunResults) -> [(name: String, value: String)] {
    let results = run.results
    let counts = results.counts
    let interval = results.accuracy.confidenceInterval
    func cost(_ total: Double) -> String { results.mean(total).map { "\($0)" } ?? "" }
    return [
      ("recipe", run.label), ("samples", "\(results.sampleCount)"),
      ("completions", "\(results.completionCount)"), ("failed", "\(results.errorCount)"),
      ("extracted", "\(results.extractedCount)"), ("accuracy", "\(results.accuracy.mean)"),
      ("accuracy_low", "\(interval.lowerBound)"), ("accuracy_high", "\(interval.upperBound)"),
      ("standard_error", results.accuracy.standardError.map { "\($0)" } ?? ""),
      ("latent_steps", cost(Double(counts.latentSteps))), ("tokens", cost(Double(counts.tokens))),
      ("forward_passes", cost(Double(counts.forwardPasses))),
      ("positions", cost(Double(counts.positions))),
      ("flops", cost(counts.floatingPointOperations)),
      ("seconds", cost(results.prefillSeconds + results.decodeSeconds)),
      ("peak_bytes", run.results.isMeasured ? "\(counts.peakMemoryBytes)" : ""),
    ]
  }

  private func numbers(_ pair: Pair?) -> [(name: String, value: String)] {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return [
      ("difference", text(pair?.difference)),
      ("difference_low", text(pair?.interval?.lowerBound)),
      ("difference_high", text(pair?.interval?.upperBound)),
      ("p_value", text(pair?.pValue)), ("adjusted_p_value", text(pair?.adjustedPValue)),
      ("only_run_right", pair.map { "\($0.outcomes.onlyRun)" } ?? ""),
      ("only_baseline_right", pair.map { "\($0.outcomes.onlyBaseline)" } ?? ""),
      ("detectable_difference", text(pair?.detectableDifference)),
      ("latency_ratio", text(pair?.latency?.ratio)),
    ]
  }

  private func row(_ run: RunResults, _ hasRepeats: Bool) -> [String] {
    let results = run.results
    let extracted = Double(results.extractedCount) / Double(results.completionCount)
    let repeats = [run.repeats?.passAtK.last, run.repeats?.majorityAccuracy]
    return [
      percent(results.accuracy.mean), percentRange(results.accuracy.confidenceInterval),
      percent(extracted),
    ] + (hasRepeats ? repeats.map { $0.map(percent) ?? "—" } : [])
  }

  private func differenceCells(of index: Int) -> [String] {
    let run = runs[index]
    let positions = run.results.mean(Double(run.results.counts.positions))
    let cost = positions.map { fixed($0, places: 1) } ?? "—"
    guard let pair = pairs.first(where: { $0.run == index }) else {
      return ["baseline", "", "", "", cost]
    }
    return [
      points(pair.difference), pair.interval.map(pointsRange) ?? "—",
      pValueText(pair.adjustedPValue), "\(pair.outcomes.onlyRun)/\(pair.outcomes.onlyBaseline)",
      cost,
    ]
  }

  private func text(_ value: Double?, _ interval: ClosedRange<Double>?) -> String {
    guard let value else { return "—" }
    let bounds = interval.map {
      " [\(fixed($0.lowerBound, places: 2)), \(fixed($0.upperBound, places: 2))]"
    }
    return ratio(value) + (bounds ?? "")
  }
}
