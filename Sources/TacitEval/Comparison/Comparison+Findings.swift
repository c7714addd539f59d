extension Comparison {
  /// What the comparison shows, a sentence per run and per reservation.
  public var findings: [String] {
    pairs.map(finding) + [leftOut, tests, latencyWarning].compactMap { $0 }
  }

  private func finding(_ pair: Pair) -> String {
    let (run, base) = (runs[pair.run].label, runs[baseline].label)
    let difference = "\(points(pair.difference)) points"
    let bounds = pair.interval.map {
      "95 % interval \(points($0.lowerBound)) to \(points($0.upperBound)), "
    }
    let p = pair.adjustedPValue < 0.001 ? "p < 0.001" : "p = \(pValueText(pair.adjustedPValue))"
    let facts = "\(difference) (\(bounds ?? "")\(p))"
    if pair.isSettled {
      let direction = pair.difference > 0 ? "better" : "worse"
      return "\(run) does \(direction) than \(base): \(facts)."
    }
    let what =
      pair.outcomes.onlyRun + pair.outcomes.onlyBaseline == 0
      ? "no completion is right in one and wrong in the other" : facts
    return "\(run) and \(base) cannot be told apart: \(what). " + detectable(pair)
  }

  private func detectable(_ pair: Pair) -> String {
    guard let difference = pair.detectableDifference else {
      return "\(sampleCount) samples are too few to show any difference."
    }
    return "\(sampleCount) samples can show a difference of about "
      + "\(fixed(100 * difference, places: 1)) points."
  }

  private var leftOut: String? {
    leftOutCount > 0
      ? "\(leftOutCount) samples that only some of the runs have completed are left out." : nil
  }

  private var tests: String? {
    guard let test = pairs.first?.test else { return nil }
    let name =
      switch test {
      case .mcnemar: "McNemar's exact test"
      case .signFlip: "a sign-flip permutation test over samples or their clusters"
      }
    return "p is that of \(name)" + (pairs.count > 1 ? ", adjusted by Holm's method." : ".")
  }

  /// Names the runs with many samples whose time is far from that of the others.
  private var latencyWarning: String? {
    let noisy = pairs.filter { pair in
      20 * (pair.latency?.outlierCount ?? 0) > sampleCount
    }
    guard !noisy.isEmpty else { return nil }
    let counts = noisy.map { pair in
      "\(runs[pair.run].label) (\(pair.latency?.outlierCount ?? 0) samples)"
    }
    return "Times are far from the rest for \(counts.joined(separator: ", ")); "
      + "for better ones use an idle machine and --concurrency 1."
  }
}
