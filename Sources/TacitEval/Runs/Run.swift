import TacitFault
import TacitJSON

/// A run as it lies on disk, finished or not; reading changes nothing.
public struct Run: Sendable {
  /// The run folder, or the log of another program.
  public var path: String
  /// What the run was made with.
  public var manifest: RunManifest
  /// Its lines in the dataset's order; a torn last line is left out.
  public var records: [SampleRecord]
  /// Whether `results.json` is there.
  public var isComplete: Bool

  /// Reads a run folder, or a sample log of lm-evaluation-harness, "FILE" or
  /// "FILE?name=gsm8k&scorer=strict-match" with the options of ``LMEvalLog``.
  ///
  /// The manifest of a log names the dataset, the rule that decides and the file.
  /// - Throws: ``Fault`` when there is no manifest or that of a comparison, when a line
  ///   before the last is damaged or there twice, or as ``LMEvalLog``.
  public init(reading path: String) throws(Fault) {
    self.path = path
    let (file, options) = try DatasetOptions.split(path)
    if File.exists(file), !File.isFolder(file) {
      let log = try LMEvalLog(reading: file, options: options)
      manifest = try log.manifest(path: file)
      records = log.records
      isComplete = true
      return
    }
    let files = RunFiles(folder: path)
    manifest = try RunManifest(reading: files.manifest)
    if let runs = manifest.ingredients["comparison"]?.object {
      throw Fault(
        path, expected: "a run folder", found: "the folder of a comparison",
        hint: "its runs: " + runs.keys.map { "\(path)/\($0)" }.joined(separator: ", "))
    }
    records = try files.readRecords().records
    isComplete = File.exists(files.results)
  }

  /// The steps of one completion as objects, or nil when none were recorded.
  ///
  /// The form of a step is that of `TraceStep.json`.
  /// - Throws: ``Fault`` when a line before the last is damaged.
  public func trace(id: String, repeat repeatIndex: Int = 0) throws(Fault) -> [JSON]? {
    let path = RunFiles(folder: path).trace
    guard File.exists(path) else { return nil }
    var found: [JSON]?
    _ = try readLines(path, as: "a trace", parse: TraceRecord.init(json:)) { record in
      if record.id == id, record.repeatIndex == repeatIndex { found = record.steps }
      return found == nil
    }
    return found
  }
}

/// The files of a run folder.
struct RunFiles {
  let folder: String

  var manifest: String { "\(folder)/manifest.json" }
  var samples: String { "\(folder)/samples.jsonl" }
  var trace: String { "\(folder)/trace.jsonl" }
  var results: String { "\(folder)/results.json" }

  /// The records, and the length in bytes of the lines that hold them.
  /// - Throws: ``Fault`` when a line before the last is damaged, or when two are about
  ///   the same repeat of a sample.
  func readRecords() throws(Fault) -> (records: [SampleRecord], length: Int) {
    guard File.exists(samples) else { return ([], 0) }
    var records: [SampleRecord] = []
    var seen: Set<String> = []
    let length = try readLines(samples, as: "a sample", parse: SampleRecord.init(json:)) {
      record throws(Fault) in
      guard seen.insert("\(record.repeatIndex) \(record.id)").inserted else {
        throw Fault(
          samples, line: records.count + 1, expected: "every repeat of a sample once",
          found: "'\(record.id)', repeat \(record.repeatIndex), again")
      }
      records.append(record)
      return true
    }
    return (records, length)
  }
}

/// Reads JSON lines; a last line that is torn or damaged is left out.
///
/// - Parameters:
///   - path: The file.
///   - kind: What a line holds, as an error names it.
///   - parse: Makes a record of a line.
///   - body: Takes a record; false ends the reading before it.
/// - Returns: The length in bytes of the lines that were accepted.
/// - Throws: ``Fault`` for a damaged line before the last.
func readLines<Record>(
  _ path: String, as kind: String, parse: (JSON) throws(Fault) -> Record,
  body: (Record) throws(Fault) -> Bool
) throws(Fault) -> Int {
  var reader = try LineReader(path)
  var length = 0
  var damage: (line: Int, description: String)?
  while let line = try reader.next() {
    if let damage {
      throw Fault(
        path, line: damage.line, expected: kind, found: damage.description,
        hint: "only a last line can be torn by an interruption; restore the file or start anew")
    }
    guard line.isTerminated else { break }
    let record: Record
    do {
      record = try parse(JSON(parsing: line.bytes))
    } catch {
      damage = (line.number, error.message)
      continue
    }
    guard try body(record) else { break }
    length = line.endOffset
  }
  return length
}
