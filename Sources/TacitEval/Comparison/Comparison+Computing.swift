import TacitFault
import TacitStatistics

extension Comparison {
  /// Compares runs on the samples that all of them have completed.
  ///
  /// The same runs and seed give the same numbers to the last bit.
  /// - Parameters:
  ///   - recordedRuns: At least one, with labels of their own.
  ///   - baseline: Index of the one that the others are compared with.
  ///   - seed: Of the bootstrap and of drawn permutations.
  /// - Throws: ``Fault`` when the runs are not over the same samples.
  public init(
    _ recordedRuns: [RecordedRun], baseline: Int = 0, seed: UInt64 = 0
  ) throws(Fault) {
    precondition(recordedRuns.indices.contains(baseline), "the baseline is one of the runs")
    precondition(
      Set(recordedRuns.map(\.label)).count == recordedRuns.count, "labels tell runs apart")
    let compared = try ComparedSamples(recordedRuns)
    runs = recordedRuns.indices.map { index in
      RunResults(
        label: recordedRuns[index].label,
        results: EvaluationResults(compared.samples.flatMap { $0.completions[index] }),
        repeats: RepeatedResults(compared, run: index))
    }
    self.baseline = baseline
    sampleCount = compared.samples.count
    leftOutCount = compared.leftOutCount
    repeatCount = compared.repeatCount
    let knowsCosts = runs.map(\.results.isMeasured)
    let resamples = Resamples(seed: seed)
    pairs = recordedRuns.indices.filter { $0 != baseline }.map { index in
      PairComputation(
        compared: compared, baseline: baseline, run: index, seed: seed, resamples: resamples
      ).pair(withCosts: knowsCosts[index] && knowsCosts[baseline])
    }
    for (index, value) in HolmAdjustment.adjusted(pairs.map(\.pValue)).enumerated() {
      pairs[index].adjustedPValue = value
    }
  }
}

/// Compares one run with the baseline.
private struct PairComputation {
  let compared: ComparedSamples
  let baseline: Int
  let run: Int
  let seed: UInt64
  let resamples: Resamples

  func pair(withCosts: Bool) -> Comparison.Pair {
    let scores = [baseline, run].map { run in compared.samples.map { $0.score(run) } }
    let difference = PairedDifference(
      baseline: scores[0], candidate: scores[1], clusters: compared.clusters, seed: seed,
      resamples: resamples)
    let outcomes = outcomes
    let isPlain = compared.repeatCount == 1 && compared.clusters == nil
    let differences = zip(scores[0], scores[1]).map { $1 - $0 }
    let pValue =
      isPlain
      ? McNemar(
        bothRight: outcomes.both, onlyBaselineRight: outcomes.onlyBaseline,
        onlyCandidateRight: outcomes.onlyRun, bothWrong: outcomes.neither
      ).pValue
      : SignFlipTest(differences: differences, clusters: compared.clusters, seed: seed).pValue
    return Comparison.Pair(
      run: run, difference: difference.mean, standardError: difference.standardError,
      interval: difference.confidenceInterval, test: isPlain ? .mcnemar : .signFlip,
      pValue: pValue, adjustedPValue: pValue, outcomes: outcomes,
      detectableDifference: DetectableDifference.smallest(
        differences: differences, clusters: compared.clusters),
      costs: withCosts ? costs : [], latency: withCosts ? latency : nil)
  }

  /// Completions by who is right, repeats paired by their number.
  private var outcomes: Comparison.Outcomes {
    var outcomes = Comparison.Outcomes()
    for sample in compared.samples {
      for (base, run) in zip(sample.completions[baseline], sample.completions[run]) {
        switch (run.verdict.isCorrect, base.verdict.isCorrect) {
        case (true, true): outcomes.both += 1
        case (true, false): outcomes.onlyRun += 1
        case (false, true): outcomes.onlyBaseline += 1
        case (false, false): outcomes.neither += 1
        }
      }
    }
    return outcomes
  }

  /// Samples that neither run failed on.
  private var whole: [ComparedSample] {
    compared.samples.filter { $0.isWhole(baseline) && $0.isWhole(run) }
  }

  private var costs: [Comparison.Cost] {
    let samples = whole
    guard !samples.isEmpty else { return [] }
    let clusters = compared.clusters.map { _ in samples.map(\.cluster) }
    return Comparison.Cost.Quantity.allCases.map { quantity in
      let base = samples.map { $0.mean(baseline, quantity.value) }
      let other = samples.map { $0.mean(run, quantity.value) }
      let ratio = RatioOfTotals(
        baseline: base, candidate: other, clusters: clusters, seed: seed, resamples: resamples)
      let test = SignFlipTest(
        differences: zip(base, other).map { $1 - $0 }, clusters: clusters, seed: seed)
      return Comparison.Cost(
        quantity: quantity, ratio: ratio.ratio, interval: ratio.confidenceInterval,
        pValue: test.pValue)
    }
  }

  private var latency: Comparison.Latency? {
    let seconds = whole.map { sample in
      [baseline, run].map { sample.mean($0) { $0.prefillSeconds + $0.decodeSeconds } }
    }
    // A clock that did not tick says nothing about the ratio.
    let measured = seconds.filter { $0[0] > 0 && $0[1] > 0 }
    guard !measured.isEmpty else { return nil }
    let ratio = RatioOfGeometricMeans(
      baseline: measured.map { $0[0] }, candidate: measured.map { $0[1] })
    return Comparison.Latency(
      ratio: ratio.ratio, interval: ratio.confidenceInterval, outlierCount: ratio.outlierCount)
  }
}

extension Comparison.Cost.Quantity {
  /// What a completion cost.
  fileprivate func value(_ record: SampleRecord) -> Double {
    switch self {
    case .tokens: Double(record.counts.tokens)
    case .positions: Double(record.counts.positions)
    case .floatingPointOperations: record.counts.floatingPointOperations
    }
  }
}
