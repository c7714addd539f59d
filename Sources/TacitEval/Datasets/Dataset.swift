import TacitFault
import TacitJSON

/// One question of a dataset and what a right answer to it is.
public struct EvaluationSample: Sendable, Equatable {
  /// Name within all datasets, such as "prosqa/17".
  public var id: String
  /// The text put to the model.
  public var question: String
  /// The right answer.
  public var target: String
  /// Whatever else the dataset says: for ProsQA `hops`, `steps`, `candidates`, `root` and `edges`.
  public var extra: [String: JSON]
  /// Samples with the same name here are not independent; standard errors respect it.
  public var cluster: String?

  /// Describes a sample.
  public init(
    id: String, question: String, target: String, extra: [String: JSON] = [:],
    cluster: String? = nil
  ) {
    self.id = id
    self.question = question
    self.target = target
    self.extra = extra
    self.cluster = cluster
  }

  /// Number of reasoning steps that the answer needs, where the dataset knows it.
  public var hops: Int? { extra["hops"]?.integer }
}

/// A list of samples and where it came from.
public struct Dataset: Sendable {
  /// How the fields of a sample are named and read.
  public enum Format: String, Sendable, CaseIterable {
    /// Objects of the Coconut authors' ProsQA files.
    case prosqa
    /// Objects whose `answer` ends in "#### N".
    case gsm8k
    /// Objects with `problem` and a `solution` that boxes the answer.
    case math
    /// Objects with `options` such as "A)21" and the letter of the `correct` one.
    case aqua
    /// Objects with labelled `choices` and an `answerKey`.
    case arc
    /// Objects with a "Correct Answer" and three incorrect ones.
    case gpqa
    /// Objects with facts as `question`, a `query` and an `answer`.
    case prontoqa
    /// Objects whose `answer` is a Boolean.
    case strategyqa
    /// Objects with named fields.
    case generic

    /// Name of the scorer that marks this format unless another is asked for.
    public var scorerName: String {
      switch self {
      case .prosqa, .gsm8k, .math: rawValue
      case .aqua, .arc, .gpqa: "choice"
      case .prontoqa, .strategyqa: "yesno"
      case .generic: "exact"
      }
    }
  }

  /// Short name; ids made by a reader begin with it.
  public var name: String
  /// The file it was read from.
  public var path: String?
  /// The samples in the file's order.
  public var samples: [EvaluationSample]
  /// SHA-256 of the file's bytes in hexadecimal.
  public var sha256: String
  /// How the samples were read.
  public var format: Format
  /// What marks the completions.
  public var scoring: Scoring

  /// Collects samples that no reader made.
  /// - Throws: ``Fault`` when an id repeats or the scorer cannot mark a sample.
  public init(
    name: String, path: String? = nil, samples: [EvaluationSample], sha256: String,
    format: Format = .generic, scoring: Scoring
  ) throws(Fault) {
    self.init(
      name: name, path: path, checkedSamples: samples, sha256: sha256, format: format,
      scoring: scoring)
    var seen: Set<String> = []
    for sample in samples {
      guard seen.insert(sample.id).inserted else {
        throw Fault(path ?? name, expected: "every id once", found: "'\(sample.id)' twice")
      }
      if let problem = scoring.problem(with: sample) {
        throw Fault(
          path ?? name, expected: problem, found: "sample '\(sample.id)' without it",
          hint: "scorers: \(Scoring.names.joined(separator: ", "))")
      }
    }
  }

  /// The same samples, marked by something else.
  /// - Throws: ``Fault`` when it cannot mark one of them.
  public func marked(by scoring: Scoring) throws(Fault) -> Dataset {
    try Dataset(
      name: name, path: path, samples: samples, sha256: sha256, format: format, scoring: scoring)
  }

  init(
    name: String, path: String?, checkedSamples: [EvaluationSample], sha256: String,
    format: Format, scoring: Scoring
  ) {
    self.name = name
    self.path = path
    samples = checkedSamples
    self.sha256 = sha256
    self.format = format
    self.scoring = scoring
  }
}
