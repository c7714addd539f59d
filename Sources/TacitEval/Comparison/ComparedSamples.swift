import OrderedCollections
import TacitFault
import TacitStatistics

/// One sample as every run of a comparison answered it.
struct ComparedSample: Sendable {
  /// Id of the sample.
  var id: String
  /// Cluster of the sample, where the dataset has clusters.
  var cluster: String?
  /// Completions by run, in the order of their repeats.
  var completions: [[SampleRecord]]

  /// Share of right completions of a run.
  func score(_ run: Int) -> Double {
    let records = completions[run]
    return Double(records.count(where: \.verdict.isCorrect)) / Double(records.count)
  }

  /// Mean of a cost over the completions of a run.
  func mean(_ run: Int, _ cost: (SampleRecord) -> Double) -> Double {
    let records = completions[run]
    return records.reduce(0) { $0 + cost($1) } / Double(records.count)
  }

  /// Whether none of a run's completions failed, so that their costs mean something.
  func isWhole(_ run: Int) -> Bool {
    completions[run].allSatisfy { $0.error == nil }
  }
}

/// The samples that all runs have completed.
struct ComparedSamples: Sendable {
  /// Those samples, in the order of the first run.
  let samples: [ComparedSample]
  /// Samples that only some runs have completed.
  let leftOutCount: Int
  /// Completions per sample.
  let repeatCount: Int

  /// Matches records by the ids of samples.
  ///
  /// - Throws: ``Fault`` when the recordedRuns repeat samples differently often, when
  ///   they have no sample in common, or when one id stands for different right answers.
  init(_ recordedRuns: [RecordedRun]) throws(Fault) {
    let bySample = recordedRuns.map { OrderedDictionary(grouping: $0.records, by: \.id) }
    let repeats = bySample.map { $0.values.map(\.count).max() ?? 0 }
    let count = repeats.first ?? 0
    if let other = repeats.firstIndex(where: { $0 != count }) {
      throw Fault(
        recordedRuns[other].path,
        expected: "\(count) completions per sample, as in \(recordedRuns[0].path)",
        found: "\(repeats[other])", hint: "compare runs with equal --repeats")
    }
    var samples: [ComparedSample] = []
    for id in bySample.first?.keys ?? [] {
      let completions = bySample.map { $0[id] ?? [] }
      guard completions.allSatisfy({ $0.count == count }) else { continue }
      if let other = completions.firstIndex(where: { $0[0].target != completions[0][0].target }) {
        throw Fault(
          recordedRuns[other].path,
          expected: "'\(completions[0][0].target)' as the answer of sample '\(id)', as in "
            + recordedRuns[0].path, found: "'\(completions[other][0].target)'",
          hint: "compare runs over the same dataset")
      }
      samples.append(
        ComparedSample(
          id: id, cluster: completions[0][0].cluster,
          completions: completions.map { $0.sorted { $0.repeatIndex < $1.repeatIndex } }))
    }
    guard !samples.isEmpty else {
      throw Fault(
        recordedRuns.first?.path ?? "comparison", expected: "samples that all runs have completed",
        found: "none in common",
        hint: recordedRuns.map { "\($0.label): \($0.records.first?.id ?? "no samples") …" }
          .joined(separator: "\n  "))
    }
    self.samples = samples
    repeatCount = count
    leftOutCount = Set(bySample.flatMap(\.keys)).count - samples.count
  }

  /// Cluster of each sample; nil when there are none.
  var clusters: [String?]? {
    samples.contains { $0.cluster != nil } ? samples.map(\.cluster) : nil
  }
}

extension RepeatedResults {
  /// Sums up the repeats of one run; nil without repeats.
  init?(_ compared: ComparedSamples, run: Int) {
    let repeats = compared.repeatCount
    guard repeats > 1 else { return nil }
    let correct = compared.samples.map {
      $0.completions[run].count(where: \.verdict.isCorrect)
    }
    let count = Double(correct.count)
    passAtK = (1...repeats).map { k in
      correct.reduce(0) { $0 + PassAtK.estimate(k, repeats: repeats, correct: $1) } / count
    }
    let majorities = compared.samples.count { Self.majorityIsCorrect($0.completions[run]) }
    majorityAccuracy = Double(majorities) / count
  }

  /// Whether the most frequent answer is right; the first of equally frequent ones decides, and
  /// completions without an answer do not vote.
  private static func majorityIsCorrect(_ records: [SampleRecord]) -> Bool {
    var votes: OrderedDictionary<String, Int> = [:]
    for record in records {
      if let answer = record.verdict.answer { votes[answer, default: 0] += 1 }
    }
    guard let most = votes.values.max(), let winner = votes.first(where: { $0.value == most })
    else { return false }
    return records.contains { $0.verdict.answer == winner.key && $0.verdict.isCorrect }
  }
}
