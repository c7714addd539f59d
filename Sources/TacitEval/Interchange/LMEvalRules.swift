import OrderedCollections
import TacitFault
import TacitJSON

/// The filters and metrics of a log that say right or wrong.
struct LMEvalRules {
  private struct Rule {
    let name: String
    let filter: String
    let metric: String
  }

  private let rules: [Rule]
  private let deciding: String

  /// - Parameters:
  ///   - lines: All of a log, at least one.
  ///   - path: The log.
  ///   - deciding: Name of the rule whose verdict counts; the first when nil.
  /// - Throws: ``Fault`` when no metric is 0 or 1 throughout, or not the named one.
  init(_ lines: [LMEvalLine], path: String, deciding: String?) throws(Fault) {
    let isAlone = Set(lines.flatMap(\.metrics.keys)).count == 1
    var rules: OrderedDictionary<String, Rule> = [:]
    var graded: Set<String> = []
    for line in lines {
      for (metric, values) in line.metrics {
        let name = isAlone ? line.filter : "\(metric),\(line.filter)"
        rules[name] = Rule(name: name, filter: line.filter, metric: metric)
        if values.contains(where: { $0.isRight == nil }) { graded.insert(name) }
      }
    }
    self.rules = rules.values.filter { !graded.contains($0.name) }
    guard let first = self.rules.first else {
      throw Fault(
        path, expected: "a metric that is 0 or 1 on every document",
        found: graded.sorted().joined(separator: ", "))
    }
    self.deciding = deciding ?? first.name
    guard self.rules.contains(where: { $0.name == self.deciding }) else {
      throw Fault(
        path, expected: "a rule of the log: \(self.rules.map(\.name).joined(separator: ", "))",
        found: "'\(self.deciding)'")
    }
  }

  /// The records of one document, which has at least one line: one, or one per response where each
  /// has its own verdict.
  /// - Throws: ``Fault`` when a filter is missing or comes twice, or lines disagree.
  func records(of lines: [LMEvalLine], id: String) throws(Fault) -> [SampleRecord] {
    let first = lines[0]
    let repeats = first.metrics.values.first?.count ?? 1
    let sample = EvaluationSample(
      id: id, question: first.question, target: first.target, cluster: first.cluster)
    var records = (0..<repeats).map { SampleRecord(sample, repeat: $0) }
    for index in records.indices {
      records[index].isMeasured = false
      records[index].decidingRule = deciding
      records[index].completion =
        first.responses.indices.contains(index) ? first.responses[index] : ""
      records[index].error = first.errors.indices.contains(index) ? first.errors[index] : nil
    }
    for rule in rules {
      let matching = lines.filter { $0.filter == rule.filter }
      guard matching.count == 1, let values = matching[0].metrics[rule.metric] else {
        throw (matching.last ?? first).error(
          expected: "document \(first.number) once for filter '\(rule.filter)'",
          found: matching.isEmpty ? "no such line" : "another line")
      }
      guard values.count == repeats, repeats > 0, !matching[0].answers.isEmpty else {
        throw matching[0].error(
          expected: "\(max(1, repeats)) verdicts and an answer",
          found: "\(values.count) and \(matching[0].answers.count)")
      }
      for (index, value) in values.enumerated() {
        let answers = matching[0].answers
        let answer = answers.indices.contains(index) ? answers[index] : answers[0]
        let isRight = value.isRight == true
        records[index].scores[rule.name] = Verdict(
          answer: isRight || answer != LMEvalLine.noAnswer ? answer : nil, isCorrect: isRight)
      }
    }
    return records
  }
}

extension JSON {
  /// What a metric of 0 or 1 says; nil for any other value.
  fileprivate var isRight: Bool? {
    switch self {
    case .boolean(let value): value
    case .integer(0), .number(0): false
    case .integer(1), .number(1): true
    default: nil
    }
  }
}
