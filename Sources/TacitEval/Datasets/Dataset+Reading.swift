import TacitJSON

extension Dataset {
  /// Longest line of a JSON lines file, in bytes.
  public static let maximumLineBytes = 1_000_000

  /// Reads "FILE" or "FILE?question=q&target=a", a JSON array or JSON lines.
  ///
  /// The format is found by content: objects with `idx_to_symbol` and `neg_target` are ProsQA,
  /// those whose `answer` contains "####" are GSM8K, all others are generic. Options that name a
  /// field make it generic.
  /// - Throws: ``EvaluationError`` with path and line for the first thing that is not as it should
  ///   be; nothing is skipped.
  public init(_ specification: String) throws(EvaluationError) {
    let (path, options) = try DatasetOptions.split(specification)
    try self.init(path: path, options: options)
  }

  /// Reads a file.
  /// - Throws: as ``init(_:)``.
  public init(path: String, options: DatasetOptions = .init()) throws(EvaluationError) {
    try self.init(bytes: File.contents(path), path: path, options: options)
  }

  /// Reads the bytes of a file; the path only names things.
  /// - Throws: as ``init(_:)``.
  public init(
    bytes: [UInt8], path: String, options: DatasetOptions = .init()
  ) throws(EvaluationError) {
    let objects = try LocatedObject.read(bytes, path: path)
    guard let first = objects.first else {
      throw EvaluationError(.dataset, path, expected: "at least one sample", found: "none")
    }
    let name = options.name ?? baseName(path)
    let format = options.namesFields ? .generic : Format(detecting: first)
    var samples: [EvaluationSample] = []
    samples.reserveCapacity(objects.count)
    var lines: [String: Int] = [:]
    let scoring = try Scoring.named(options.scorer ?? format.rawValue)
    for (index, object) in objects.enumerated() {
      let sample =
        switch format {
        case .prosqa: try EvaluationSample(prosqa: object, id: "\(name)/\(index)")
        case .gsm8k: try EvaluationSample(gsm8k: object, id: "\(name)/\(index)")
        case .generic: try EvaluationSample(object, id: "\(name)/\(index)", options: options)
        }
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
    if object.members["idx_to_symbol"] != nil, object.members["neg_target"] != nil {
      self = .prosqa
    } else if object.members["answer"]?.string?.contains("####") == true {
      self = .gsm8k
    } else {
      self = .generic
    }
  }
}

/// The last part of a path without its ending.
func baseName(_ path: String) -> String {
  let file = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return file }
  return String(file[..<dot])
}
