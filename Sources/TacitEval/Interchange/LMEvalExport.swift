import OrderedCollections
import TacitCheckpoint
import TacitJSON

extension LMEvalLog {
  /// The lines of a run as a sample log of lm-evaluation-harness.
  ///
  /// Every rule is a filter with the metric `exact_match`, the rule that decides first. `doc` has
  /// the sample's id, question, target and what else is known of it. The prompt that a recipe
  /// made of the question is not recorded, so the question stands for it under `arguments`. With
  /// repeats `exact_match` is their mean and `exact_match_repeats` the score of each; `errors`,
  /// only where a sample failed, says why. Costs have no place in the format.
  /// - Parameters:
  ///   - run: At least one record.
  ///   - line: Takes one line with its newline.
  /// - Throws: what `line` throws.
  public static func export<Failure>(
    _ run: Run, line: (String) throws(Failure) -> Void
  ) throws(Failure) {
    let samples = OrderedDictionary(grouping: run.records, by: \.id).values
    guard let first = run.records.first else { return }
    let rules = [first.decidingRule] + first.scores.keys.filter { $0 != first.decidingRule }
    for rule in rules {
      for (number, records) in samples.enumerated() {
        try line(object(number, records, rule).expressibleText() + "\n")
      }
    }
  }

  /// One line; `records` are the repeats of one sample.
  private static func object(_ number: Int, _ records: [SampleRecord], _ rule: String) -> JSON {
    let sample = records[0]
    let verdicts = records.map { $0.scores[rule] ?? Verdict(answer: nil, isCorrect: false) }
    let answers = verdicts.map { JSON.string($0.answer ?? LMEvalLine.noAnswer) }
    let scores = verdicts.map { $0.isCorrect ? 1.0 : 0.0 }
    let document = document(sample)
    var object: OrderedDictionary<String, JSON> = [
      "doc_id": .integer(number), "doc": .object(document), "target": .string(sample.target),
      "arguments": ["gen_args_0": ["arg_0": .string(sample.question), "arg_1": [:]]],
      "resps": [.array(records.map { .string($0.completion) })],
      "filtered_resps": [answers.count == 1 ? answers[0] : .array(answers)],
      "filter": .string(rule), "metrics": ["exact_match"],
      "doc_hash": .string(hash(PythonJSON.text(document))),
      "prompt_hash": .string(hash(sample.question)),
      "target_hash": .string(hash(sample.target)),
      "exact_match": .number(scores.reduce(0, +) / Double(scores.count)),
    ]
    if scores.count > 1 {
      object[LMEvalLine.repeatsKey("exact_match")] = .array(scores.map(JSON.number))
    }
    if records.contains(where: { $0.error != nil }) {
      object[LMEvalLine.errorsKey] = .array(
        records.map { $0.error.map(JSON.string) ?? .null })
    }
    return .object(object)
  }

  private static func document(_ sample: SampleRecord) -> OrderedDictionary<String, JSON> {
    var document: OrderedDictionary<String, JSON> = [
      "id": .string(sample.id), "question": .string(sample.question),
      "target": .string(sample.target),
    ]
    if let hops = sample.hops { document["hops"] = .integer(hops) }
    if let cluster = sample.cluster { document["cluster"] = .string(cluster) }
    return document
  }

  private static func hash(_ text: String) -> String { SHA256.hexadecimal(of: text.utf8) }
}

/// JSON as the `json` module of Python writes it with `indent=2, ensure_ascii=False`.
///
/// The harness's document hash is of this text.
private enum PythonJSON {
  /// The text of an object with at least one member, all of them strings or integers.
  static func text(_ members: OrderedDictionary<String, JSON>) -> String {
    let lines = members.map { key, value in
      "  \(quoted(key)): \(value.string.map(quoted) ?? value.expressibleText())"
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n}"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{8}": quoted += "\\b"
      case "\u{C}": quoted += "\\f"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
