import TacitFault
import TacitJSON
import Testing

@testable import TacitEval

@Test(arguments: [
  ("The answer is $-1,234.50.", "-1234.5"), ("16 - 3 = 13", "13"), ("16-3", "3"),
  ("about +007 or so", "7"), ("costs -$5", "-5"), ("(2)-3", "3"), ("\u{2212}8 °C", "-8"),
  ("1,2345 and 3,4", "4"), ("12,345,678", "12345678"), ("1,2345", "2345"), (".50", "0.5"),
  ("-0.00", "0"), ("18.", "18"), ("5%", "5"), ("$10,000.00", "10000"), ("€3.20", "3.2"),
])
func lastNumberIsCanonical(text: String, number: String) {
  #expect(lastNumber(in: text) == number)
}

@Test(arguments: ["", "none", "-", "$", ".", "٣"])
func textWithoutNumber(text: String) {
  #expect(lastNumber(in: text) == nil)
}

@Test(arguments: [
  (" plain \n", "plain"),
  ("<think>7</think> <think>8</think> 9 ", "9"),
  ("steps\n#### 18\n", "18"),
  ("### Solution\nso \\boxed{\\frac{1}{2}} holds", "\\frac{1}{2}"),
  ("\\boxed{1} and \\boxed{2} and \\boxed{3", "2"),
  ("done ###", "done ###"),
])
func answerOfText(text: String, expected: String) {
  #expect(answer(in: text) == expected)
}

private let numberSample = EvaluationSample(id: "g/0", question: "?", target: "1,018")

/// Completion, native answer, strict answer, and which of them are right for the target 1,018.
@Test(
  arguments: [
    ("so #### 1018", "1018", "1018", true, true),
    ("so #### 1,018.", "1018", "1018", true, true),
    ("so #### $1018", nil, "1018", false, true),
    ("####1018", nil, "1018", false, true),
    ("#### 1018.00", "1018.00", "1018", false, true),
    ("#### 1018\nNext question: 5 apples", "1018", "5", true, false),
    ("#### 4\n#### 1018", "4", "1018", false, true),
    ("<think>#### 3</think> 1018", "3", "1018", false, true),
    ("no idea", nil, nil, false, false),
  ] as [(String, String?, String?, Bool, Bool)])
func numbersOfGSM8K(
  text: String, native: String?, strict: String?, nativeRight: Bool, strictRight: Bool
) throws {
  let verdicts = try Scoring.named("gsm8k").verdicts(on: text, for: numberSample)
  #expect(verdicts.map(\.rule) == ["strict", "native"])
  #expect(verdicts[0].verdict == Verdict(answer: strict, isCorrect: strictRight))
  #expect(verdicts[1].verdict == Verdict(answer: native, isCorrect: nativeRight))
}

private let tom = EvaluationSample(
  id: "p/0", question: "Is Tom a lempus or scrompus?", target: "Tom is a lempus.",
  extra: ["root": "Tom", "candidates": ["lempus", "scrompus"]])

/// Completion, and for native and strict whether an answer is found and right.
@Test(
  arguments: [
    ("### Tom lempus .", "Tom lempus .", true, "Tom is a lempus.", true),
    ("### Tom is a lempus.", "Tom is a lempus.", true, "Tom is a lempus.", true),
    ("Tom lempus.", "Tom lempus.", true, "Tom is a lempus.", true),
    ("Tom a . a b . ### Tom scrompus .", "Tom scrompus .", false, "Tom is a scrompus.", false),
    ("### Tom lempus", "Tom lempus", false, "Tom is a lempus.", true),
    ("### Tom rompus .", "Tom rompus .", false, nil, false),
    ("### Alex lempus .", "Alex lempus .", false, nil, false),
    ("### Tom lempus . Tom", "Tom lempus . Tom", false, nil, false),
    ("Tom terpus . terpus lempus .", "Tom terpus . terpus lempus .", false, nil, false),
    ("### , ", nil, false, nil, false),
  ] as [(String, String?, Bool, String?, Bool)])
func answersOfProsQA(
  text: String, native: String?, nativeRight: Bool, strict: String?, strictRight: Bool
) throws {
  let verdicts = try Scoring.named("prosqa").verdicts(on: text, for: tom)
  #expect(verdicts[0].verdict == Verdict(answer: strict, isCorrect: strictRight))
  #expect(verdicts[1].verdict == Verdict(answer: native, isCorrect: nativeRight))
}

@Test func scorerNames() throws {
  #expect(
    Scoring.names == [
      "prosqa.strict", "prosqa.native", "gsm8k.strict", "gsm8k.native", "math.strict",
      "math.native", "choice.strict", "choice.native", "yesno", "exact", "number",
    ])
  for name in Scoring.names { #expect(try Scoring.named(name).name == name) }
  for format in Dataset.Format.allCases { _ = try Scoring.named(format.scorerName) }
  #expect(try Scoring.named("gsm8k").decidingRule == "strict")
  for name in ["", "prosqa.", "prosqa.exact", "exact.exact", "GSM8K"] {
    #expect(throws: Fault.self) { try Scoring.named(name) }
  }
}
