import TacitJSON
import TacitTesting
import Testing

@testable import TacitEval

/// 600 answers and 12 completions against what the benchmark's own code makes of them.
@Test func benchmarkFormsOfMATH() throws {
  let golden = try Fixtures.json("scoring/math_forms.json")
  let forms = try #require(golden["forms"]?.array)
  #expect(forms.count > 600)
  for pair in forms {
    let text = try #require(pair[0]?.string)
    #expect(mathBenchmarkForm(text) == pair[1]?.string, "\(text)")
  }
  let sample = EvaluationSample(id: "m/0", question: "?", target: "1")
  for pair in try #require(golden["boxes"]?.array) {
    let text = try #require(pair[0]?.string)
    #expect(MATHNativeScorer().extract(text, for: sample) == pair[1]?.string, "\(text)")
  }
}

@Test(arguments: [
  ("0.5", "1/2"), (".50", "1/2"), ("\\frac12", "1/2"), ("\\dfrac{2}{4}", "1/2"), ("3 / 6", "1/2"),
  ("$-\\frac{1}{2}$", "-1/2"), ("\\frac{1}{-2}", "-1/2"), ("−0.5", "-1/2"), ("007", "7"),
  ("1,234", "1234"), ("10{,}000", "10000"), ("10,\\!000.50", "20001/2"), ("1,234,56", "1,234,56"),
  ("(1, 234)", "(1,234)"), ("(0.5, \\frac{1}{2})", "(1/2,1/2)"), ("[0, .5)", "[0,1/2)"),
  ("\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\frac{\\pi}{2})"), ("(C)", "C"),
  ("3\\frac12", "7/2"),
  ("(a)(b)", "(a)(b)"), ("50\\%", "50"), ("90^\\circ", "90"), ("90^{\\circ}", "90"), ("5°", "5"),
  ("\\$18.90", "189/10"), ("5\\text{ cm}", "5"), ("5 \\mbox{ cm}^2", "5"), ("5\\text{ m}.", "5"),
  ("\\text{Monday}", "Monday"), ("x = 5.", "5"), ("x+y=5", "x+y=5"), ("x=y=5", "x=y=5"),
  ("2\\sqrt3", "2\\sqrt{3}"), ("\\sqrt[3]2", "\\sqrt[3]{2}"), ("x^2", "x^{2}"), ("1e5", "1e5"),
  ("99999999999999999999", "99999999999999999999"), ("1/0", "1/0"), ("\\frac", "\\frac"),
  ("\\frac{{", "\\frac{{"), ("}}", "}}"), ("\\text{", "\\text{"), ("\\", "\\"), ("", ""),
  ("-", "-"),
  ("-9223372036854775808", "-9223372036854775808"),
])
func canonicalFormsOfMath(text: String, form: String) {
  #expect(canonicalMath(text) == form)
}

/// Target, completion, and for strict and native the answer and whether it is right.
@Test(
  arguments: [
    ("\\frac{1}{2}", "so \\boxed{0.5}", "1/2", true, "0.5", true),
    ("\\frac{1}{2}", "so \\boxed{0.50}", "1/2", true, "0.50", false),
    ("\\frac{3}{4}", "\\boxed{0.75}", "3/4", true, "0.75", false),
    ("7", "\\boxed{8} no, \\boxed{7}", "7", true, "7", true),
    ("7", "\\boxed{7} no, \\boxed{8", "7", true, nil, false),
    ("7", "<think>\\boxed{7}</think> none", nil, false, "7", true),
    ("7", "<think>\\boxed{7}</think> \\boxed{8}", "8", false, "8", false),
    ("7", "### 7.0", "7", true, nil, false),
    ("7", "The answer is 7.", nil, false, nil, false),
    ("7", "\\boxed{}", nil, false, "", false),
    ("\\text{Monday}", "\\boxed{Monday}", "Monday", true, "Monday", false),
    ("1,234", "\\boxed{1234}", "1234", true, "1234", false),
    ("\\sqrt", "\\boxed{\\sqrt}", "\\sqrt", true, "\\sqrt", true),
  ] as [(String, String, String?, Bool, String?, Bool)])
func answersOfMATH(
  target: String, text: String, strict: String?, strictRight: Bool, native: String?,
  nativeRight: Bool
) throws {
  let sample = EvaluationSample(id: "m/0", question: "?", target: target)
  let verdicts = try Scoring.named("math").verdicts(on: text, for: sample)
  #expect(verdicts.map(\.rule) == ["strict", "native"])
  #expect(verdicts[0].verdict == Verdict(answer: strict, isCorrect: strictRight))
  #expect(verdicts[1].verdict == Verdict(answer: native, isCorrect: nativeRight))
}

/// Texts that would take hours, or the stack, if a rule were quadratic or recursive.
@Test(
  .timeLimit(.minutes(15)),
  arguments: [
    String(repeating: "\\boxed{", count: 70_000), String(repeating: "{", count: 500_000),
    "\\boxed{" + String(repeating: "\\frac", count: 100_000) + "}",
    "\\boxed{" + String(repeating: "\\text{", count: 600) + "}",
    String(repeating: "answer", count: 70_000), String(repeating: "answer ", count: 70_000),
    String(repeating: "(", count: 500_000),
  ])
func longCompletions(text: String) throws {
  let sample = EvaluationSample(
    id: "x/0", question: "?", target: "B", extra: ["choices": ["one", "two"]])
  let yes = EvaluationSample(id: "x/1", question: "?", target: "yes")
  for (name, sample) in [("math", sample), ("choice", sample), ("yesno", yes)] {
    let verdicts = try Scoring.named(name).verdicts(on: text, for: sample)
    #expect(!verdicts.contains { $0.verdict.isCorrect })
  }
}
