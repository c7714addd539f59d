import TacitFault
import TacitJSON
import Testing

@testable import TacitEval

private func dataset(_ text: String, path: String = "d.jsonl") throws -> Dataset {
  try Dataset(bytes: Array(text.utf8), path: path)
}

@Test func mathFile() throws {
  let set = try dataset(
    #"{"problem":"What is half?","level":"Level 1","solution":"It is $\\boxed{\\frac{1}{2}}$."}"#)
  #expect(set.format == .math && set.scoring.name == "math.strict")
  #expect(set.samples[0].question == "What is half?")
  #expect(set.samples[0].target == "\\frac{1}{2}")
  #expect(set.samples[0].extra["level"] == "Level 1")
  let solution = try #require(set.samples[0].extra["solution"]?.string)
  let verdicts = try set.scoring.verdicts(on: solution, for: set.samples[0])
  #expect(verdicts.allSatisfy { $0.verdict.isCorrect })
}

private let lettered = "Which?\n(A) one\n(B) two\n(C) three"

@Test(arguments: [
  (
    #"{"question":"Which?","options":["A)one","B) two","C)three"],"rationale":"r","correct":"B"}"#,
    Dataset.Format.aqua
  ),
  (
    #"{"id":"x","question":"Which? ","answerKey":"2","#
      + #""choices":{"text":["one","two","three"],"label":["1","2","3"]}}"#, .arc
  ),
  (
    #"{"question":{"stem":"Which?","choices":[{"text":"one","label":"A"},"#
      + #"{"text":"two","label":"B"},{"text":"three","label":"C"}]},"answerKey":"B"}"#, .arc
  ),
])
func choiceFiles(text: String, format: Dataset.Format) throws {
  let set = try dataset(text)
  #expect(set.format == format && set.scoring.name == "choice.strict")
  #expect(set.samples[0].question == lettered)
  #expect(set.samples[0].target == "B")
  #expect(set.samples[0].extra["choices"] == ["one", "two", "three"])
  #expect(try set.scoring.verdicts(on: "two", for: set.samples[0])[0].verdict.isCorrect)
}

@Test func orderOfGPQAChoices() throws {
  let lines = (0..<400).map {
    #"{"Question":"Q\#($0)\n","Correct Answer":" right\n","Incorrect Answer 1":"x","#
      + #""Incorrect Answer 2":"y","Incorrect Answer 3":"z","Subdomain":"s"}"#
  }
  let set = try dataset(lines.joined(separator: "\n"))
  #expect(set.format == .gpqa && set.scoring.name == "choice.strict")
  var orders: [[String]: Int] = [:]
  for (index, sample) in set.samples.enumerated() {
    let choices = try #require(sample.extra["choices"]?.array).compactMap(\.string)
    orders[choices, default: 0] += 1
    let place = try #require(choices.firstIndex(of: "right"))
    #expect(sample.target == choiceLetters(4)[place])
    #expect(sample.question.hasPrefix("Q\(index)\n(A) "))
    #expect(sample.question.contains("\n(\(sample.target)) right"))
    #expect(sample.extra["Subdomain"] == "s" && sample.extra["Correct Answer"] == nil)
  }
  // All 24 orders occur, none more often than 400 / 24 and five standard deviations of it.
  #expect(orders.count == 24 && orders.values.max() ?? 400 < 37)
  let other = try dataset(lines.reversed().joined(separator: "\n"), path: "other.jsonl")
  #expect(other.samples.reversed().map(\.question) == set.samples.map(\.question))
}

@Test func yesNoFiles() throws {
  let strategy = try dataset(#"{"qid":"a","question":"Is it?","answer":false,"facts":["f"]}"#)
  #expect(strategy.format == .strategyqa && strategy.scoring.name == "yesno")
  #expect(strategy.samples[0].target == "no" && strategy.samples[0].extra["facts"] == ["f"])
  let pronto = try dataset(
    #"{"question":"Rex is a cat.","query":"True or false: Rex is shy.","answer":"True"}"#)
  #expect(pronto.format == .prontoqa && pronto.scoring.name == "yesno")
  #expect(pronto.samples[0].question == "Rex is a cat.\nTrue or false: Rex is shy.")
  #expect(try pronto.scoring.verdicts(on: "True", for: pronto.samples[0])[0].verdict.isCorrect)
}

/// A file whose second line is at fault, and how it is refused.
@Test(arguments: [
  (#"{"problem":"p","solution":"\\boxed{1}"}"#, #"{"problem":"p","solution":"1"}"#, "\\boxed{…}"),
  (#"{"problem":"p","solution":"\\boxed{1}"}"#, #"{"solution":"\\boxed{1}"}"#, "'problem'"),
  (
    #"{"question":"q","options":["A)1","B)2"],"correct":"A"}"#,
    #"{"question":"q","options":["A)1","B)2"],"correct":"C"}"#,
    "expected one of the labels A, B under 'correct', found 'C'"
  ),
  (
    #"{"question":"q","options":["A)1","B)2"],"correct":"A"}"#,
    #"{"question":"q","options":["A)1"],"correct":"A"}"#, "expected 2 to 26 choices, found 1"
  ),
  (
    #"{"question":"q","choices":{"text":["x","y"],"label":["A","B"]},"answerKey":"A"}"#,
    #"{"question":"q","choices":{"text":["x","y"],"label":["A"]},"answerKey":"A"}"#,
    "as many labels as texts"
  ),
  (
    #"{"question":"q","choices":{"text":["x","y"],"label":["A","B"]},"answerKey":"A"}"#,
    #"{"question":{"stem":"s","choices":[{"text":"x"}]},"answerKey":"A"}"#,
    "objects with a string 'label' under 'choices'"
  ),
  (#"{"question":"q","answer":true}"#, #"{"question":"q","answer":"yes"}"#, "true or false"),
  (
    #"{"question":"q","query":"r","answer":"True"}"#,
    #"{"question":"q","query":"r","answer":"Unknown"}"#, "expected yes, no, true or false as"
  ),
  (
    #"{"Question":"q","Correct Answer":"a","Incorrect Answer 1":"b","Incorrect Answer 2":"c","#
      + #""Incorrect Answer 3":"d"}"#,
    #"{"Question":"q","Correct Answer":"a"}"#, "a field 'Incorrect Answer 1'"
  ),
])
func refusedSamples(good: String, bad: String, message: String) throws {
  let error = #expect(throws: Fault.self) { try dataset(good + "\n" + bad) }
  #expect(error?.line == 2)
  #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  #expect(try dataset(good).samples.count == 1)
}
