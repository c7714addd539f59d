import OrderedCollections
import TacitFault
import TacitJSON

/// The completions as the page's script reads them.
///
/// Texts are made visible here, so the script shows them as they come. Texts and traces have a
/// budget each; what exceeds it is cut or left out, and counted.
struct SampleData {
  /// Bytes that all texts may take.
  static let textBudget = 5 << 20
  /// Bytes that all traces may take.
  static let traceBudget = 5 << 20

  /// The value for the script.
  let json: JSON
  /// Texts whose middle was left out.
  let cutTextCount: Int
  /// Completions of which some run recorded a trace.
  let recordedTraceCount: Int
  /// Those whose traces are in `json`.
  let shownTraceCount: Int
  /// Those whose traces are there but cut.
  let cutTraceCount: Int

  /// Collects the completions and reads the traces beside them.
  /// - Throws: ``Fault`` when a recorded trace is damaged.
  init(
    _ comparison: Comparison, recordedRuns: [RecordedRun], completions: [ComparedCompletion],
    textBudget: Int = Self.textBudget, traceBudget: Int = Self.traceBudget
  ) throws(Fault) {
    let traces = try TraceSelection(
      recordedRuns, completions: completions, budget: traceBudget)
    var texts = TextBudget(
      Self.texts(of: completions, baseline: comparison.baseline), budget: textBudget)
    let samples = completions.map { row in
      let base = row.records[comparison.baseline]
      return JSON.object([
        "id": .string(visible(base.id)),
        "repeat": comparison.repeatCount > 1 ? .integer(row.key.repeatIndex) : .null,
        "question": texts.json(base.question), "target": texts.json(base.target),
        "runs": .array(
          row.records.indices.map { index in
            Self.outcome(
              row.records[index],
              trace: traces.trace(of: row.key, recordedRun: index), texts: &texts)
          }),
      ])
    }
    json = [
      "runs": .array(comparison.runs.map { .string(visible($0.label)) }),
      "baseline": .integer(comparison.baseline), "samples": .array(samples),
    ]
    cutTextCount = texts.cutCount
    recordedTraceCount = traces.recordedCount
    shownTraceCount = traces.shownCount
    cutTraceCount = traces.cutCount
  }

  private static func texts(of completions: [ComparedCompletion], baseline: Int) -> [String] {
    completions.flatMap { row in
      [row.records[baseline].question, row.records[baseline].target]
        + row.records.flatMap { [$0.completion, $0.verdict.answer ?? "", $0.error ?? ""] }
    }
  }

  private static func outcome(
    _ record: SampleRecord, trace: JSON?, texts: inout TextBudget
  ) -> JSON {
    var members: OrderedDictionary<String, JSON> = [
      "mark": .string(SamplesSection.Mark(record).kind),
      "completion": texts.json(record.completion),
      "answer": record.verdict.answer.map { texts.json($0) } ?? .null,
      "rules": .array(
        record.scores.map { rule, verdict in
          [.string(visible(rule)), .boolean(verdict.isCorrect)]
        }),
    ]
    if let reason = record.finishReason { members["finish"] = .string(visible(reason)) }
    if let error = record.error { members["error"] = texts.json(error) }
    if record.isMeasured {
      let counts = record.counts
      members["costs"] = [
        .integer(record.promptTokens), .integer(counts.tokens), .integer(counts.latentSteps),
        .integer(counts.positions), .integer(counts.forwardPasses),
        .number(counts.floatingPointOperations),
        .number(rounded(record.prefillSeconds + record.decodeSeconds, digits: 4)),
        .integer(counts.peakMemoryBytes),
      ]
    }
    if let trace { members["trace"] = trace }
    return .object(members)
  }
}

/// Shares a number of bytes between texts: short ones stay whole, long ones are cut to one length.
struct TextBudget {
  /// Bytes that one text may take.
  let limit: Int
  /// Texts that were cut.
  private(set) var cutCount = 0

  /// Finds the largest limit with which all texts fit.
  init(_ texts: [String], budget: Int) {
    let sizes = texts.map(\.utf8.count).sorted()
    var rest = budget
    var limit = Int.max
    for (index, size) in sizes.enumerated() {
      let share = rest / (sizes.count - index)
      if size > share {
        limit = share
        break
      }
      rest -= size
    }
    self.limit = limit
  }

  /// The text, or its start and end with the number of characters between them.
  mutating func json(_ text: String) -> JSON {
    guard text.utf8.count > limit else { return .string(visible(text)) }
    cutCount += 1
    let scalars = text.unicodeScalars
    let start = Self.prefixLength(of: scalars, bytes: limit / 2)
    let end = Self.prefixLength(of: scalars.reversed(), bytes: limit / 2)
    return [
      "start": .string(visible(String(scalars.prefix(start)))),
      "omitted": .integer(scalars.count - start - end),
      "end": .string(visible(String(scalars.suffix(end)))),
    ]
  }

  private static func prefixLength(of scalars: some Sequence<Unicode.Scalar>, bytes: Int) -> Int {
    var rest = bytes
    var count = 0
    for scalar in scalars {
      rest -= UTF8.width(scalar)
      if rest < 0 { break }
      count += 1
    }
    return count
  }
}
