/// The list of samples with the verdict on every run, and the filters over it.
struct SamplesSection: Sendable {
  /// A choice of the filter.
  struct Filter: Sendable {
    let value: String
    let title: String
  }

  /// Choices about one pair.
  struct FilterGroup: Sendable {
    let title: String
    let filters: [Filter]
  }

  /// A completion.
  struct Row: Sendable {
    let index: Int
    let name: String
    let excerpt: String
    let target: String
    let hops: String
    let marks: [Mark]
  }

  /// What became of it in one run.
  struct Mark: Sendable {
    let kind: String
    let symbol: String
    let title: String

    init(_ record: SampleRecord) {
      if record.verdict.isCorrect {
        (kind, symbol, title) = ("right", "✓", "right")
      } else if record.error != nil {
        (kind, symbol, title) = ("failed", "!", "failed")
      } else if record.verdict.answer == nil {
        (kind, symbol, title) = ("silent", "–", "no answer found")
      } else {
        (kind, symbol, title) = ("wrong", "✗", "wrong")
      }
    }
  }

  let count: Int
  let runs: [String]
  let groups: [FilterGroup]
  let rows: [Row]
  let hasHops: Bool
  let traceNote: String
  let textNote: String

  init(_ comparison: Comparison, completions: [ComparedCompletion], data: SampleData) {
    count = completions.count
    runs = comparison.runs.map(\.label)
    let base = comparison.runs[comparison.baseline].label
    groups = comparison.pairs.map { pair in
      let run = comparison.runs[pair.run].label
      return FilterGroup(
        title: "\(run) against \(base)",
        filters: [
          Filter(value: "run \(pair.run)", title: "only \(run) right"),
          Filter(value: "baseline \(pair.run)", title: "only \(base) right"),
          Filter(value: "both \(pair.run)", title: "both right"),
          Filter(value: "neither \(pair.run)", title: "neither right"),
        ])
    }
    hasHops = completions.contains { $0.records[0].hops != nil }
    rows = completions.enumerated().map { index, row in
      let record = row.records[comparison.baseline]
      let suffix = comparison.repeatCount > 1 ? " · \(row.key.repeatIndex + 1)" : ""
      return Row(
        index: index, name: excerpt(of: record.id, limit: 60) + suffix,
        excerpt: excerpt(of: record.question, limit: 140),
        target: excerpt(of: record.target, limit: 60),
        hops: record.hops.map { "\($0)" } ?? "", marks: row.records.map(Mark.init))
    }
    traceNote = Self.traceNote(data, total: completions.count)
    textNote =
      data.cutTextCount == 0
      ? ""
      : "\(data.cutTextCount) long texts are shown with their middle left out; "
        + "tacit show RUN --sample ID prints them whole."
  }

  private static func traceNote(_ data: SampleData, total: Int) -> String {
    if data.recordedTraceCount == 0 { return "No traces were recorded." }
    if data.shownTraceCount == data.recordedTraceCount, data.cutTraceCount == 0 {
      return data.shownTraceCount == total
        ? "" : "Traces were recorded for \(data.shownTraceCount) of \(total)."
    }
    var note =
      "To keep this file small it holds the traces of \(data.shownTraceCount) of "
      + "\(data.recordedTraceCount) completions, those on which the runs disagree first."
    if data.cutTraceCount > 0 {
      note += " \(data.cutTraceCount) of them are cut after \(TraceSelection.stepLimit) steps."
    }
    return note + " tacit show RUN --sample ID prints a trace whole."
  }
}
