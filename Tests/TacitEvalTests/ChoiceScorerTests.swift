import TacitJSON
import TacitTesting
import Testing

@testable import TacitEval

private let planets = EvaluationSample(
  id: "c/0", question: "?", target: "B",
  extra: ["choices": ["Red dwarf", "hot water", "water", "2.5", "25"]])

/// Completion, and the letters that strict and native find.
@Test(
  arguments: [
    ("The answer is (B).", "B", "B"),
    ("The answer is B because water is hot.", "B", nil),
    ("I think (A) is wrong.\nThe correct Answer is: **B**", "B", "A"),
    ("(A) is wrong. The answer is (B)", "B", "B"),
    ("Answer: (C)\nanswer is (D)", "D", "D"),
    ("B", "B", nil), ("b", "B", nil), ("B.", "B", nil), ("(b)", "B", nil),
    ("B) hot water", "B", nil),
    ("B hot things are red", nil, nil), ("A red dwarf is cold", "A", nil), ("A cat", nil, nil),
    ("so \\boxed{B}", "B", nil), ("so \\boxed{\\text{B}}", "B", nil), ("\\boxed{(B)}", "B", "B"),
    ("\\boxed{hot water}", "B", nil), ("\\boxed{A} but the answer is (B)", "A", "B"),
    ("### Hot  Water.", "B", nil), ("The answer is hot water", "B", nil),
    ("It is hot water", nil, nil), ("water", "C", nil),
    ("It is 2.5 m", "D", nil), ("It is 25", "E", nil), ("It is 125 or 2.55", nil, nil),
    ("<think>The answer is (A)</think> The answer is (B)", "B", "A"),
    ("either (A) or (B)", nil, "A"), ("maybe (F)", nil, nil), ("so (E) it is", "E", "E"),
    ("The answer is unknown.\nanswers vary", nil, nil), ("", nil, nil),
    ("answer is (X), or (B)", "B", nil),
  ] as [(String, String?, String?)])
func lettersOfChoices(text: String, strict: String?, native: String?) throws {
  let verdicts = try Scoring.named("choice").verdicts(on: text, for: planets)
  #expect(verdicts.map(\.rule) == ["strict", "native"])
  #expect(verdicts[0].verdict == Verdict(answer: strict, isCorrect: strict == "B"))
  #expect(verdicts[1].verdict == Verdict(answer: native, isCorrect: native == "B"))
}

/// 500 texts against the regular expressions of GPQA's own code.
@Test func lettersOfGPQA() throws {
  let golden = try #require(try Fixtures.json("scoring/choice_letters.json").array)
  #expect(golden.count > 400)
  let sample = EvaluationSample(
    id: "c/1", question: "?", target: "A", extra: ["choices": ["1", "2", "3", "4"]])
  for pair in golden {
    let text = try #require(pair[0]?.string)
    #expect(ChoiceNativeScorer().extract(text, for: sample) == pair[1]?.string, "\(text)")
  }
}

@Test func lettersWithoutTexts() throws {
  let scoring = try Scoring.named("choice")
  let sample = EvaluationSample(id: "c/1", question: "?", target: "E")
  #expect(scoring.problem(with: sample) == nil)
  #expect(try scoring.verdicts(on: "Answer: E", for: sample)[0].verdict.isCorrect)
  let refused = EvaluationSample(
    id: "c/2", question: "?", target: "E", extra: ["choices": ["x", "y"]])
  #expect(scoring.problem(with: refused) == "one of the letters A, B as the target")
  let many = EvaluationSample(
    id: "c/3", question: "?", target: "Z",
    extra: ["choices": .array((0..<30).map { .string("choice number \($0)") })])
  #expect(try scoring.verdicts(on: "choice number 25", for: many)[0].verdict.isCorrect)
  #expect(try scoring.verdicts(on: "choice number 29", for: many)[0].verdict.answer == nil)
}

/// Completion and verdict.
@Test(
  arguments: [
    ("Yes, it is.", "yes"), ("true", "yes"), ("So the answer is **no**.", "no"), ("False.", "no"),
    ("No dog is a cat, so the statement is true", nil), ("We conclude: False", "no"),
    ("That is not true.", nil), ("The answer is not true", nil), ("### True", "yes"),
    ("\\boxed{\\text{No}}", "no"), ("Nothing is true here", nil),
    ("The answer is yes.\nThe answer is no.", "no"), ("<think>yes</think> no", "no"),
    ("Notably, this is untrue", nil), ("", nil), ("The answer is: not certain, but yes", "yes"),
  ] as [(String, String?)])
func verdictsOfYesNo(text: String, answer: String?) throws {
  for (target, right) in [("True", "yes"), ("no", "no")] {
    let sample = EvaluationSample(id: "y/0", question: "?", target: target)
    let verdict = try Scoring.named("yesno").verdicts(on: text, for: sample)[0].verdict
    #expect(verdict == Verdict(answer: answer, isCorrect: answer == right))
  }
  let maybe = EvaluationSample(id: "y/1", question: "?", target: "maybe")
  #expect(try Scoring.named("yesno").problem(with: maybe) != nil)
}
