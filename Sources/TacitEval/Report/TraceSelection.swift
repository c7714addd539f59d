import TacitFault
import TacitJSON

/// As many of the recorded traces as a budget allows.
///
/// A completion's traces are taken for all runs or for none, those on which the runs disagree first.
struct TraceSelection {
  /// Steps after which a trace is cut.
  static let stepLimit = 1000

  /// Completions of which some run recorded a trace.
  private(set) var recordedCount = 0
  /// Those whose traces were cut.
  var cutCount: Int { traces.values.count { $0.values.contains { $0.isCut } } }
  private var traces: [ComparedCompletion.Key: [Int: Encoded]] = [:]

  private struct Encoded {
    let json: JSON
    let byteCount: Int
    let isCut: Bool
  }

  /// Reads the traces beside the records; each file is read once.
  /// - Throws: ``Fault`` when a line before the last is damaged.
  init(
    _ recordedRuns: [RecordedRun], completions: [ComparedCompletion], budget: Int
  ) throws(Fault) {
    let order = completions.filter(\.isDisputed) + completions.filter { !$0.isDisputed }
    var rank: [ComparedCompletion.Key: Int] = [:]
    for (index, row) in order.enumerated() { rank[row.key] = index }
    var recorded: Set<ComparedCompletion.Key> = []
    var limit = order.count
    for (index, recordedRun) in recordedRuns.enumerated() {
      let path = RunFiles(folder: recordedRun.path).trace
      guard File.exists(path) else { continue }
      var found: [ComparedCompletion.Key: Encoded] = [:]
      _ = try readLines(path, as: "a trace", parse: TraceRecord.init(json:)) {
        (record) throws(Fault) in
        let key = ComparedCompletion.Key(id: record.id, repeatIndex: record.repeatIndex)
        guard let rank = rank[key] else { return true }
        recorded.insert(key)
        if rank < limit { found[key] = try Self.encode(record.steps) }
        return true
      }
      for (key, encoded) in found { traces[key, default: [:]][index] = encoded }
      limit = keep(order, budget: budget)
    }
    recordedCount = recorded.count
  }

  /// Completions whose traces were taken.
  var shownCount: Int { traces.count }

  /// The trace for the script, or nil when there is none or no room for it.
  func trace(of key: ComparedCompletion.Key, recordedRun: Int) -> JSON? {
    traces[key]?[recordedRun]?.json
  }

  /// Drops what is over the budget.
  /// - Returns: How many completions, in their order, are within it.
  private mutating func keep(_ order: [ComparedCompletion], budget: Int) -> Int {
    var rest = budget
    for (index, row) in order.enumerated() {
      rest -= traces[row.key]?.values.reduce(0) { $0 + $1.byteCount } ?? 0
      if rest < 0 {
        for row in order[index...] { traces[row.key] = nil }
        return index
      }
    }
    return order.count
  }

  /// Steps as arrays `[stage, kind, token, entropy, norm, details]`, stages by number; a token is
  /// its text, or its id where the text was not recorded.
  private static func encode(_ steps: [JSON]) throws(Fault) -> Encoded {
    var stages: [String] = []
    let rows = steps.prefix(stepLimit).map { step in
      let stage = step["stage"]?.string ?? ""
      if !stages.contains(stage) { stages.append(stage) }
      let details = (step.object ?? [:]).filter { !stepKeys.contains($0.key) }
      return JSON.array([
        .integer(stages.firstIndex(of: stage) ?? 0), .string(visible(step["kind"]?.string ?? "")),
        step["token"]?.readable ?? step["token_id"] ?? .null,
        measured(step["entropy"]), measured(step["norm"]),
        details.isEmpty ? .null : JSON.object(details).readable,
      ])
    }
    let json: JSON = [
      "stages": .array(stages.map { .string(visible($0)) }), "steps": .array(rows),
      "total": .integer(steps.count),
    ]
    return Encoded(
      json: json, byteCount: try json.scriptText().utf8.count, isCut: steps.count > stepLimit)
  }

  /// What is not among the details; a vector is for programs, not for readers.
  private static let stepKeys: Set = [
    "stage", "step", "kind", "token_id", "token", "entropy", "norm", "vector",
  ]

  private static func measured(_ json: JSON?) -> JSON {
    guard let number = json?.number, number.isFinite else { return .null }
    return .number(rounded(number, digits: 4))
  }
}
