import OrderedCollections
import TacitCheckpoint
import TacitFault
import TacitJSON

/// A sample log of lm-evaluation-harness 0.4: `samples_TASK_DATE.jsonl`, as `--log_samples` writes.
///
/// The harness logs a document once per filter; here it is one record with a verdict per rule. A
/// rule is called after its filter where the log has one metric, and "metric,filter" where it has
/// more, as in the harness's results. Only metrics that are 0 or 1 on every document are rules.
/// A document with several responses and one metric value, such as a vote, is one record with the
/// first response. What a document cost is not in the log.
public struct LMEvalLog: Sendable {
  /// Name of the task, from the file's name; ids begin with it.
  public let name: String
  /// SHA-256 of the file's bytes in hexadecimal.
  public let sha256: String
  /// The documents in the order of the log.
  public let records: [SampleRecord]

  /// Reads a log.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: `name` replaces the task's name and `scorer` names the rule that decides, else
  ///     the first; `question`, `target`, `id` and `cluster` name fields of the documents. Unless
  ///     told otherwise, the question is the document's "question" or else the prompt, the target
  ///     is the log's, and the id is the document's "id" where all have one of their own, or else
  ///     the task's name and the document's number.
  /// - Throws: ``Fault`` with the line of the first thing that is not as it should be.
  public init(
    reading path: String, options: DatasetOptions = .init()
  ) throws(Fault) {
    name = options.name ?? Self.taskName(path)
    let lines: [LMEvalLine]
    (lines, sha256) = try Self.readLines(path, options)
    let rules = try LMEvalRules(lines, path: path, deciding: options.scorer)
    let documents = OrderedDictionary(grouping: lines, by: \.number).values
    let ids = documents.compactMap { $0[0].id }
    let haveIDs = ids.count == documents.count && Set(ids).count == ids.count
    if let field = options.id, !haveIDs {
      throw Fault(
        path, expected: "another text or number under '\(field)' of every document",
        found: "one twice or none")
    }
    var records: [SampleRecord] = []
    for lines in documents {
      let id = haveIDs ? lines[0].id : nil
      records += try rules.records(of: lines, id: id ?? "\(name)/\(lines[0].number)")
    }
    self.records = records
  }

  private static func readLines(
    _ path: String, _ options: DatasetOptions
  ) throws(Fault) -> (lines: [LMEvalLine], sha256: String) {
    var reader = try LineReader(path)
    var lines: [LMEvalLine] = []
    var hash = SHA256()
    while let line = try reader.next() {
      hash.update(line.bytes)
      if line.isTerminated { hash.update(CollectionOfOne(0x0A)) }
      let json: JSON
      do {
        json = try JSON(parsing: line.bytes)
      } catch {
        throw Fault(
          path, line: line.number, column: error.column, expected: "JSON", found: error.message)
      }
      lines.append(try LMEvalLine(json, path: path, line: line.number, options: options))
    }
    guard !lines.isEmpty else {
      throw Fault(path, expected: "a line per document", found: "none")
    }
    return (lines, hash.hexadecimal())
  }

  /// "gsm8k" of "logs/samples_gsm8k_2025-11-21T10-00-00.000000.jsonl".
  private static func taskName(_ path: String) -> String {
    var file = (path.split(separator: "/").last ?? "")[...]
    if file.hasSuffix(".jsonl") { file.removeLast(".jsonl".count) }
    if file.hasPrefix("samples_") { file.removeFirst("samples_".count) }
    if let date = file.lastIndex(of: "_"), file[date...].hasPrefix("_20") { file = file[..<date] }
    return String(file)
  }

  /// What a run of the log was made with, as far as the log tells.
  func manifest(path: String) throws(Fault) -> RunManifest {
    try RunManifest(ingredients: [
      "log": [
        "format": "lm-evaluation-harness", "path": .string(path), "sha256": .string(sha256),
      ],
      "recipe": ["name": .string(baseName(path))],
      "dataset": [
        "name": .string(name), "scorer": .string(records.first?.decidingRule ?? ""),
      ],
    ])
  }
}
