#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import TacitFault
import TacitJSON
import TacitReasoning

/// Writes a run folder, or goes on where an earlier writer was interrupted.
///
/// `samples.jsonl` grows by one line per completion, in the dataset's order with the repeats of a
/// sample together, each line in one write; so the file depends on nothing but the answers. A trace
/// line is written before its sample line. `results.json` comes last, and its presence means
/// that the run is complete. A lock on `samples.jsonl` keeps a second writer out.
public final class RunWriter {
  /// What the folder was begun with.
  public let manifest: RunManifest
  /// The lines so far.
  public private(set) var records: [SampleRecord]
  /// Number of lines that an earlier writer left.
  public let resumedCount: Int

  private let files: RunFiles
  private let samples: ArraySlice<EvaluationSample>
  private let repeats: Int
  /// The open files; nil when the run was complete, and without a trace.
  private let sampleFile: File?
  private let traceFile: File?

  /// Opens a folder, made when absent, for the completions of `samples`, each `repeats` times.
  ///
  /// A complete run with its results is not opened for writing. More samples than an earlier call
  /// had extend it.
  /// - Throws: ``Fault``: `.mismatch` naming the ingredients that differ, `.locked`
  ///   when another process writes it, `.run` with the line when its files are damaged or hold
  ///   more completions than asked for, and `.file` when the system refuses.
  public init(
    folder: String, manifest: RunManifest, samples: ArraySlice<EvaluationSample>, repeats: Int,
    tracing: Bool
  ) throws(Fault) {
    files = RunFiles(folder: folder)
    self.manifest = manifest
    self.samples = samples
    self.repeats = repeats
    let plan = RunPlan(samples: samples, repeats: repeats)
    if File.exists(files.results) {
      try files.check(manifest)
      records = try files.readRecords().records
      try plan.check(records, in: files)
      if records.count == plan.count, try files.haveResults(of: records, manifest) {
        resumedCount = records.count
        sampleFile = nil
        traceFile = nil
        return
      }
    }
    try File.makeFolder(folder)
    let file = try File(files.samples, flags: O_RDWR | O_APPEND | O_CREAT)
    guard try file.lock() else {
      throw Fault(
        folder, expected: "a run folder of its own", found: "another writer at work",
        hint: "wait for it or use another --out", kind: .locked)
    }
    let hasManifest = File.exists(files.manifest)
    if hasManifest {
      try files.check(manifest)
    } else if try file.length() > 0 {
      throw Fault(
        folder, expected: "manifest.json beside samples.jsonl", found: "none",
        hint: "use another --out")
    }
    let length: Int
    (records, length) = try files.readRecords()
    try plan.check(records, in: files)
    resumedCount = records.count
    if hasManifest {
      if records.count < plan.count { unlink(files.results) }
      try file.truncate(to: length)
      try files.dropOrphanedTraces(records)
    } else {
      unlink(files.trace)
      try File.write(manifest.text(), atomically: files.manifest)
    }
    sampleFile = file
    traceFile = tracing ? try File(files.trace, flags: O_WRONLY | O_APPEND | O_CREAT) : nil
  }

  /// Whether every completion has its line.
  public var isComplete: Bool { records.count == samples.count * repeats }

  /// The sample and repeat whose line comes next; nil when the run is complete.
  public var next: (sample: EvaluationSample, repeatIndex: Int)? {
    isComplete
      ? nil
      : (samples[samples.startIndex + records.count / repeats], records.count % repeats)
  }

  /// Appends the line that is next.
  ///
  /// After a failed write the file is cut back to its whole lines.
  /// - Throws: ``Fault`` when the system refuses to write.
  public func append(_ record: SampleRecord, trace: [TraceStep] = []) throws(Fault) {
    precondition(
      next.map { $0.sample.id == record.id && $0.repeatIndex == record.repeatIndex } ?? false,
      "record out of order")
    if let traceFile, !trace.isEmpty {
      let steps = TraceRecord(id: record.id, repeat: record.repeatIndex, trace: trace)
      try traceFile.append(steps.json)
    }
    try sampleFile?.append(record.json)
    records.append(record)
  }

  /// Writes `results.json`; does nothing when it was there.
  /// - Throws: ``Fault`` when the system refuses to write.
  public func finish() throws(Fault) -> EvaluationResults {
    precondition(isComplete, "run not complete")
    let results = EvaluationResults(records)
    guard let sampleFile else { return results }
    try sampleFile.synchronize()
    try traceFile?.synchronize()
    try File.write(results.text(hash: manifest.hash), atomically: files.results)
    return results
  }
}

/// The completions that a run consists of, in the order of its lines.
private struct RunPlan {
  let samples: ArraySlice<EvaluationSample>
  let repeats: Int

  var count: Int { samples.count * repeats }

  /// - Throws: ``Fault`` when records are not the beginning of the plan.
  func check(_ records: [SampleRecord], in files: RunFiles) throws(Fault) {
    guard records.count <= count else {
      throw Fault(
        files.samples, expected: "at most \(count) completions", found: "\(records.count)",
        hint: "raise the limit or use another --out")
    }
    for (index, record) in records.enumerated() {
      let sample = samples[samples.startIndex + index / repeats]
      guard record.id == sample.id, record.repeatIndex == index % repeats else {
        throw Fault(
          files.samples, line: index + 1,
          expected: "sample '\(sample.id)', repeat \(index % repeats)",
          found: "'\(record.id)', repeat \(record.repeatIndex)")
      }
    }
  }
}

extension RunFiles {
  /// Whether `results.json` is what the records, at least one, amount to.
  fileprivate func haveResults(
    of records: [SampleRecord], _ manifest: RunManifest
  ) throws(Fault) -> Bool {
    let text = EvaluationResults(records).text(hash: manifest.hash)
    return try File.contents(results) == Array(text.utf8)
  }

  /// - Throws: ``Fault`` when the folder's manifest has another hash.
  fileprivate func check(_ new: RunManifest) throws(Fault) {
    let old = try RunManifest(reading: manifest)
    guard old.hash != new.hash else { return }
    throw Fault(
      folder, expected: "the settings that the run was begun with",
      found: "\n  " + old.differences(to: new).joined(separator: "\n  "),
      hint: "use another --out, or the old settings to go on", kind: .mismatch)
  }

  /// Cuts the traces after the last one that has a sample line.
  fileprivate func dropOrphanedTraces(_ records: [SampleRecord]) throws(Fault) {
    guard File.exists(trace) else { return }
    var expected = records[...]
    let length = try readLines(trace, as: "a trace", parse: TraceRecord.init(json:)) { record in
      let match = expected.firstIndex {
        $0.id == record.id && $0.repeatIndex == record.repeatIndex
      }
      guard let match else { return false }
      expected = expected[(match + 1)...]
      return true
    }
    try File(trace, flags: O_WRONLY).truncate(to: length)
  }
}

extension File {
  /// Appends a JSON line, whole or not at all.
  func append(_ json: JSON) throws(Fault) {
    let length = try length()
    do {
      try write(Array((json.expressibleText() + "\n").utf8))
    } catch {
      try? truncate(to: length)
      throw error
    }
  }
}
