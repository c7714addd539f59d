import OrderedCollections
import TacitFault
import TacitJSON

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Marks the completions of a run folder again, by another scorer and without the model.
///
/// The folder becomes the one that an evaluation with the new scorer would have written, times
/// and environment aside: the scorer is an ingredient of the run, so the manifest's hash changes
/// with it, and only an evaluation with the new scorer can go on with the run.
///
/// Four files are put in place one after the other: a manifest that says that scoring is under
/// way, the samples, the results where the run was complete, and the manifest. After an
/// interruption the folder is as before, as after, or refused by every reader until it is scored
/// again. A lock on `samples.jsonl` keeps other writers out.
public struct Rescoring {
  /// The folder.
  public let folder: String
  /// What the run was made with, as it lies there.
  public let manifest: RunManifest
  /// The lines of the run, as they lie there.
  public let records: [SampleRecord]

  private let files: RunFiles
  /// Open, because the lock ends with it.
  private let samples: File

  /// Opens a run folder and reads it.
  /// - Throws: ``Fault`` when it is none, is damaged, holds no line, or has a writer.
  public init(folder: String) throws(Fault) {
    self.folder = folder
    files = RunFiles(folder: folder)
    guard File.exists(files.samples) else {
      throw Fault(folder, expected: "a run folder", found: "no samples.jsonl")
    }
    samples = try File(files.samples, flags: O_RDWR)
    guard try samples.lock() else {
      throw Fault(
        folder, expected: "a run folder without a writer", found: "a writer at work",
        hint: "wait for it", kind: .locked)
    }
    manifest = try RunManifest(readingForScoring: files.manifest)
    records = try files.readRecords().records
    guard !records.isEmpty else {
      throw Fault(files.samples, expected: "a line to score", found: "none")
    }
  }

  /// Name of the scorer that the run was made with.
  public var scorer: String? { manifest.ingredients["dataset"]?["scorer"]?.string }

  /// Marks all completions; nothing is written yet.
  ///
  /// - Parameters:
  ///   - scoring: What marks them.
  ///   - dataset: The dataset of the run, for scorers that need more than question and target.
  ///   - environment: Joins the environment of the manifest.
  /// - Returns: The run with the new marks.
  /// - Throws: ``Fault`` when the dataset is not the run's or a line lacks what the
  ///   scorer needs, and what a grader throws.
  public func marked(
    by scoring: Scoring, with dataset: Dataset? = nil,
    environment: OrderedDictionary<String, JSON> = [:]
  ) throws -> Rescored {
    let samples = try dataset.map { try self.samples(of: $0) }
    var marked = records
    for (index, record) in records.enumerated() {
      let sample = samples?[index] ?? EvaluationSample(record)
      if let problem = scoring.problem(with: sample) {
        throw Fault(
          files.samples, line: index + 1, expected: problem,
          found: "a line that scorer '\(scoring.name)' cannot mark",
          hint: samples == nil ? "name the run's dataset, which may have it" : nil)
      }
      try marked[index].mark(by: scoring, for: sample)
    }
    let manifest = try manifest.scored(by: scoring, environment: environment)
    return Rescored(rescoring: self, manifest: manifest, records: marked)
  }

  /// The sample of each line.
  private func samples(of dataset: Dataset) throws(Fault) -> [EvaluationSample] {
    let hash = manifest.ingredients["dataset"]?["sha256"]?.string
    guard hash == dataset.sha256 else {
      throw Fault(
        dataset.path ?? dataset.name,
        expected: "the dataset of \(folder), with SHA-256 \(hash ?? "unknown")",
        found: "SHA-256 \(dataset.sha256)")
    }
    let byID = Dictionary(uniqueKeysWithValues: dataset.samples.map { ($0.id, $0) })
    var samples: [EvaluationSample] = []
    for (index, record) in records.enumerated() {
      guard let sample = byID[record.id], sample.question == record.question,
        sample.target == record.target
      else {
        throw Fault(
          files.samples, line: index + 1, expected: "a sample of \(dataset.path ?? dataset.name)",
          found: "'\(record.id)', which differs or is not there",
          hint: "give the options that the run was evaluated with: FILE?question=…&target=…")
      }
      samples.append(sample)
    }
    return samples
  }
}

/// A run with new marks, to be written.
public struct Rescored {
  /// The lines with the new marks.
  public let records: [SampleRecord]
  /// What the run amounts to, by the new marks.
  public let results: EvaluationResults
  /// What the run is made with now.
  public let manifest: RunManifest

  private let files: RunFiles
  private let rescoring: Rescoring

  fileprivate init(rescoring: Rescoring, manifest: RunManifest, records: [SampleRecord]) {
    self.rescoring = rescoring
    self.manifest = manifest
    self.records = records
    files = RunFiles(folder: rescoring.folder)
    results = EvaluationResults(records)
  }

  /// The folder.
  public var folder: String { rescoring.folder }

  /// Number of completions that were right and are wrong now, or the other way round.
  public var changedCount: Int {
    zip(rescoring.records, records).count { $0.verdict.isCorrect != $1.verdict.isCorrect }
  }

  /// Puts the new files in place.
  /// - Throws: ``Fault`` when the system refuses to write; until the first file is in
  ///   place the run is as it was.
  public func write() throws(Fault) { try write(movingOnly: .max) }

  /// As ``write()``, but puts only so many files in place, as if an interruption came then.
  func write(movingOnly count: Int) throws(Fault) {
    var drafts: [(draft: File, destination: String)] = []
    do throws(Fault) {
      let announcement = manifest.text(isScoring: true)
      drafts.append(
        (try .draft(announcement, of: files.manifest + ".scoring"), files.manifest))
      drafts.append((try sampleDraft(), files.samples))
      if File.exists(files.results) {
        let text = results.text(hash: manifest.hash)
        drafts.append((try .draft(text, of: files.results), files.results))
      }
      drafts.append((try .draft(manifest.text(), of: files.manifest), files.manifest))
    } catch {
      for (draft, _) in drafts { draft.remove() }
      throw error
    }
    for (draft, destination) in drafts.prefix(count) { try draft.move(to: destination) }
  }

  /// The new lines, locked before they get the name on which writers lock.
  private func sampleDraft() throws(Fault) -> File {
    try File.draft(of: files.samples) { file throws(Fault) in
      guard try file.lock() else {
        throw Fault(
          file.path, expected: "a file of its own", found: "another writer at work", kind: .locked)
      }
      for record in records { try file.append(record.json) }
    }
  }
}

extension EvaluationSample {
  /// What a line tells of its sample.
  fileprivate init(_ record: SampleRecord) {
    self.init(
      id: record.id, question: record.question, target: record.target,
      extra: record.hops.map { ["hops": .integer($0)] } ?? [:], cluster: record.cluster)
  }
}

extension RunManifest {
  /// The manifest of the same run with another scorer.
  fileprivate func scored(
    by scoring: Scoring, environment more: OrderedDictionary<String, JSON>
  ) throws(Fault) -> RunManifest {
    var ingredients = ingredients.object ?? [:]
    var dataset = ingredients["dataset"]?.object ?? [:]
    dataset["scorer"] = .string(scoring.name)
    ingredients["dataset"] = .object(dataset)
    return try RunManifest(
      ingredients: ingredients, environment: (environment.object ?? [:]).merging(more) { $1 })
  }
}
