import TacitCheckpoint
import TacitFault
import TacitJSON

extension Dataset {
  /// Longest line of a JSON lines file, in bytes.
  public static let maximumLineBytes = 1_000_000

  /// Reads "FILE" or "FILE?question=q&target=a", a JSON array or JSON lines.
  ///
  /// The format is found by the fields of the first object, as ``Format`` describes them; what fits
  /// none is generic. Options that name a field make it generic.
  /// - Throws: ``Fault`` with path and line for the first thing that is not as it should
  ///   be; nothing is skipped.
  public init(_ specification: String) throws(Fault) {
    let (path, options) = try DatasetOptions.split(specification)
    try self.init(path: path, options: options)
  }

  /// Reads a file.
  /// - Throws: as ``init(_:)``.
  public init(path: String, options: DatasetOptions = .init()) throws(Fault) {
    try self.init(bytes: File.contents(path), path: path, options: options)
  }

  /// Reads the bytes of a file; the path only names things.
  /// - Throws: as ``init(_:)``.
  public init(
    bytes: [UInt8], path: String, options: DatasetOptions = .init()
  ) throws(Fault) {
    let objects = try LocatedObject.read(bytes, path: path)
    guard let first = objects.first else {
      throw Fault(path, expected: "at least one sample", found: "none")
    }
    let name = options.name ?? baseName(path)
    let format = options.namesFields ? .generic : Format(detecting: first)
    var samples: [EvaluationSample] = []
    samples.reserveCapacity(objects.count)
    var lines: [String: Int] = [:]
    let scoring = try Scoring.named(options.scorer ?? format.scorerName)
    for (index, object) in objects.enumerated() {
      let sample = try EvaluationSample(
        object, format: format, id: "\(name)/\(index)", options: options)
      if let line = lines.updateValue(object.line, forKey: sample.id) {
        throw object.error(expected: "every id once", found: "'\(sample.id)' as in line \(line)")
      }
      if let problem = scoring.problem(with: sample) {
        throw object.error(
          expected: problem, found: "a sample that scorer '\(scoring.name)' cannot mark",
          hint: "scorers: \(Scoring.names.joined(separator: ", "))")
      }
      samples.append(sample)
    }
    self.init(
      name: name, path: path, checkedSamples: samples,
      sha256: SHA256.hexadecimal(of: bytes), format: format, scoring: scoring)
  }
}

extension Dataset.Format {
  fileprivate init(detecting object: LocatedObject) {
    func has(_ fields: String...) -> Bool { fields.allSatisfy { object.members[$0] != nil } }
    let answer = object.members["answer"]
    self =
      if has("idx_to_symbol", "neg_target") {
        .prosqa
      } else if has("problem", "solution") {
        .math
      } else if has("question", "options", "correct") {
        .aqua
      } else if has("question", "answerKey") {
        .arc
      } else if has("Question", "Correct Answer") {
        .gpqa
      } else if has("question", "query", "answer") {
        .prontoqa
      } else if answer?.boolean != nil {
        .strategyqa
      } else if answer?.string?.contains("####") == true {
        .gsm8k
      } else {
        .generic
      }
  }
}

extension EvaluationSample {
  /// Reads an object as its format says; only generic ones are told by options.
  fileprivate init(
    _ object: LocatedObject, format: Dataset.Format, id: String, options: DatasetOptions
  ) throws(Fault) {
    switch format {
    case .prosqa: try self.init(prosqa: object, id: id)
    case .gsm8k: try self.init(gsm8k: object, id: id)
    case .math: try self.init(math: object, id: id)
    case .aqua: try self.init(aqua: object, id: id)
    case .arc: try self.init(arc: object, id: id)
    case .gpqa: try self.init(gpqa: object, id: id)
    case .prontoqa: try self.init(prontoqa: object, id: id)
    case .strategyqa: try self.init(strategyqa: object, id: id)
    case .generic: try self.init(object, id: id, options: options)
    }
  }
}

/// The last part of a path without its ending.
func baseName(_ path: String) -> String {
  let file = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return file }
  return String(file[..<dot])
}
