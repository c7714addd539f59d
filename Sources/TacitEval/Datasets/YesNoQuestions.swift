import TacitFault
import TacitJSON

extension EvaluationSample {
  /// Reads an object with a StrategyQA question: `question`, and `answer` as a Boolean.
  ///
  /// The target is "yes" or "no"; `extra` holds every other field.
  /// - Throws: ``Fault`` for a missing or mistyped field.
  init(strategyqa object: LocatedObject, id: String) throws(Fault) {
    let value = try object.value("answer")
    guard let answer = value.boolean else {
      throw object.error(expected: "true or false under 'answer'", found: value.kind)
    }
    self.init(
      id: id, question: try object.string("question"), target: answer ? "yes" : "no",
      extra: object.members(besides: ["question", "answer"]))
  }

  /// Reads an object with a ProntoQA problem: facts as `question`, then `query`, and `answer`.
  ///
  /// The question put is the facts and the query, a line each; `extra` holds every other field.
  /// - Throws: ``Fault`` for a missing or mistyped field.
  init(prontoqa object: LocatedObject, id: String) throws(Fault) {
    let facts = try object.string("question")
    let query = try object.string("query")
    self.init(
      id: id, question: "\(trimmed(facts))\n\(trimmed(query))",
      target: trimmed(try object.string("answer")),
      extra: object.members(besides: ["question", "query", "answer"]))
  }
}
