import TacitFault
import TacitJSON

extension EvaluationSample {
  /// Reads an object of the GSM8K files; the target is what follows "####" in `answer`.
  ///
  /// `extra` holds the written solution as `solution`, and every other field.
  /// - Throws: ``Fault`` for a missing or mistyped field, or an answer without a number.
  init(gsm8k object: LocatedObject, id: String) throws(Fault) {
    let answer = try object.string("answer")
    guard let mark = answer.ranges(of: "####").last else {
      throw object.error(expected: "'answer' to end in '#### N'", found: "no '####'")
    }
    let target = trimmed(answer[mark.upperBound...])
    guard lastNumber(in: target) != nil else {
      throw object.error(expected: "a number after '####'", found: "'\(target)'")
    }
    self.init(
      id: id, question: try object.string("question"), target: target,
      extra: object.members(besides: ["question", "answer"]))
    extra["solution"] = .string(trimmed(answer[..<mark.lowerBound]))
  }
}
