import Foundation
import TacitFault
import TacitJSON
import Testing

@testable import TacitEval

@Test func embeddedProsQA() throws {
  let datasets = try EmbeddedDatasets(folder: embedded)
  #expect(datasets.names == ["prosqa"])
  let dataset = try datasets.dataset(named: "prosqa")
  #expect(dataset.samples.count == 200)
  #expect(dataset.format == .prosqa)
  #expect(dataset.scoring.name == "prosqa.strict")
  let sample = dataset.samples[0]
  #expect(sample.id == "prosqa/0")
  #expect(sample.target == "Bob is a fompus.")
  #expect(sample.hops == 4)
  #expect(sample.extra["candidates"] == ["fompus", "lempus"])
  #expect(sample.extra["root"] == "Bob")
  #expect(sample.extra["edges"]?[0] == ["Bob", "boompus"])
  #expect(throws: Fault.self) { try datasets.dataset(named: "../datasets/prosqa") }
  for sample in dataset.samples {
    let verdicts = try dataset.scoring.verdicts(on: "### \(sample.target)", for: sample)
    #expect(verdicts.allSatisfy { $0.verdict.isCorrect })
  }
}

@Test(.enabled(if: isShared("data/prosqa_valid.json"), "needs shared/data/prosqa_valid.json"))
func officialProsQA() throws {
  let dataset = try Dataset("\(sharedFolder)/data/prosqa_valid.json?scorer=prosqa.native")
  #expect(dataset.samples.count == 300)
  #expect(dataset.samples[0].hops == 3)
  #expect(dataset.scoring.decidingRule == "native")
}

@Test(.enabled(if: isShared("data/gsm8k_200.jsonl"), "needs shared/data/gsm8k_200.jsonl"))
func officialGSM8K() throws {
  let dataset = try Dataset("\(sharedFolder)/data/gsm8k_200.jsonl")
  #expect(dataset.samples.count == 200)
  #expect(dataset.format == .gsm8k)
  #expect(dataset.samples[0].target == "18")
  // Every written solution must be marked right by both rules, and the solution alone must not
  // be taken for a final answer by the native one.
  for sample in dataset.samples {
    let solution = try #require(sample.extra["solution"]?.string)
    let verdicts = try dataset.scoring.verdicts(
      on: "\(solution)\n#### \(sample.target)", for: sample)
    #expect(verdicts.allSatisfy { $0.verdict.isCorrect }, "\(sample.id)")
    #expect(try dataset.scoring.verdicts(on: solution, for: sample)[1].verdict.answer == nil)
  }
}

private let prosQAObject = #"""
  {"question":"Q","answer":"A is a b.","steps":["s"],"edges":"[[0,1]]","root":0,"target":1,
   "neg_target":2,"idx_to_symbol":["A","b","c"]}
  """#

@Test func edgesAsText() throws {
  let text = "[\n\(prosQAObject)\n]"
  let sample = try Dataset(bytes: Array(text.utf8), path: "p.json").samples[0]
  #expect(sample.extra["edges"] == [["A", "b"]])
}

@Test func mappedFields() async throws {
  try await withTemporaryFolder { folder in
    let lines = #"{"p":"one","label":7,"key":"x","group":"g","more":[1]}"# + "\r\n"
    try put(lines.utf8, at: "\(folder)/my.data.jsonl")
    let dataset = try Dataset(
      "\(folder)/my.data.jsonl?question=p&target=label&id=key&cluster=group&scorer=number")
    let expected = EvaluationSample(
      id: "x", question: "one", target: "7", extra: ["more": [1]], cluster: "g")
    #expect(dataset.name == "my.data")
    #expect(dataset.samples == [expected])
    #expect(dataset.scoring.name == "number")
  }
}

/// A file and where and how it is refused.
@Test(arguments: [
  ("", "d.jsonl: expected at least one sample, found none"),
  ("[]", "d.jsonl: expected at least one sample"),
  ("{\"question\":\"q\",\"target\":\"t\"}\n\n", "d.jsonl:2: expected a JSON object, found a blank"),
  ("{\"question\":\"q\",\"target\":\"t\"}\nx", "d.jsonl:2:1: expected JSON"),
  (
    "[\n{\"question\":\"q\",\"target\":\"t\"},\n\n 3]",
    "d.jsonl:4: expected a JSON object per sample"
  ),
  ("[{\"question\":\"q\",\"target\":\"t\"}\n {}]", "d.jsonl:2:2: expected JSON"),
  ("[{\"question\":\"q\",\"target\":\"t\"},\n]", "d.jsonl:2:1: expected JSON"),
  ("[{\"question\":\"q\",\"target\":\"t\"}]\n,", "d.jsonl:2:1: expected JSON"),
  ("[{\"question\":\"q\",\"target\":\"t\"}", "d.jsonl:1:31: expected JSON, found une"),
  ("[{\"question\":\"q\",\n\"target\":t}]", "d.jsonl:2:11: expected JSON"),
  ("{\"question\":3,\"target\":\"t\"}", "d.jsonl:1: expected a string under 'question', found an"),
  ("{\"question\":\"q\",\"t\":1}", "d.jsonl:1: expected a field 'target', found the fields 'quest"),
  (
    "{\"question\":\" \",\"target\":\"t\"}",
    "d.jsonl:1: expected a string under 'question', found an"
  ),
  ("{\"question\":\"q\",\"answer\":\"#### x\"}", "d.jsonl:1: expected a number after '####'"),
  ("{\"question\":\"q\",\"target\":[1]}", "d.jsonl:1: expected a string or number under 'target'"),
  ("\u{FEFF}{}", "d.jsonl:1: expected JSON, found a byte order mark"),
  (prosQAObject.replacing("\"target\":1", with: "\"target\":9"), "expected an index of"),
  (prosQAObject.replacing("[[0,1]]", with: "[[0,1,2]]"), "expected pairs of indices"),
  (prosQAObject.replacing("A is a b", with: "A is a c"), "'answer' to say 'A is a b.'"),
])
func refusedFile(text: String, message: String) {
  // The ProsQA object spans two lines, so it is put into an array.
  let text = text.contains("idx_to_symbol") ? "[\(text)]" : text
  let error = #expect(throws: Fault.self) {
    try Dataset(bytes: Array(text.utf8), path: "d.jsonl")
  }
  #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
}

/// Elements that are found and read one by one are those of the whole text.
@Test(arguments: [
  "[]", " [ ] ", "[1]", "[1,\"]\",{\"a\":[2,{}]},[[],[3]]]",
  "[\n \"\\\"],[\" ,\n\t\"\\\\\", null ]\r\n",
])
func elementsOfArrays(text: String) throws {
  let bytes = Array(text.utf8)
  let elements = try #require(ArrayElement.find(in: bytes))
  let values = try elements.map { try JSON(parsing: bytes[$0.range]) }
  #expect(try values == JSON(parsing: text).array)
  for element in elements {
    #expect(element.line == 1 + bytes[..<element.range.lowerBound].count { $0 == 0x0A })
  }
}

/// Whatever the parser takes for an array has its elements found.
@Test func elementsOfMutatedArrays() throws {
  let seed = Array(#" [{"a\"":[1,"]"]},"\\", {} ,[[],null]]  "#.utf8)
  let replacements = Array(#"[]{},:"\ 1\#n\#t"#.utf8)
  var arrayCount = 0
  for (index, first) in seed.indices.flatMap({ index in replacements.map { (index, $0) } }) {
    for second in [nil] + replacements.map(Optional.some) {
      var bytes = seed
      bytes[index] = first
      if let second { bytes[(index + 3) % bytes.count] = second }
      guard let values = try? JSON(parsing: bytes[...]).array else { continue }
      let elements = try #require(ArrayElement.find(in: bytes))
      #expect(try elements.map { try JSON(parsing: bytes[$0.range]) } == values)
      arrayCount += 1
    }
  }
  #expect(arrayCount > 100)
}

@Test(arguments: ["", "1", "{}", "[", "[1", "[,]", "[1,]", "[,1]", "[1]]", "[1],", "[\"]", "[{]"])
func noArrays(text: String) {
  let bytes = Array(text.utf8)
  let values = ArrayElement.find(in: bytes)?.map { try? JSON(parsing: bytes[$0.range]) }
  #expect(values.map { $0.contains(nil) } != false)
}

@Test func refusedBytes() {
  func refusal(_ bytes: [UInt8], _ options: DatasetOptions = .init()) -> Fault? {
    #expect(throws: Fault.self) {
      try Dataset(bytes: bytes, path: "d.jsonl", options: options)
    }
  }
  let good = Array(#"{"question":"q","target":"t","id":1}"#.utf8) + [0x0A]
  let invalid = refusal(good + Array(#"{"question":""#.utf8) + [0xFF, 0x22, 0x7D])
  #expect(invalid?.line == 2)
  #expect(invalid?.column == 14)
  let long = refusal(good + [UInt8](repeating: 0x20, count: 1_000_001) + good)
  #expect(long?.line == 2)
  #expect(refusal([0, 0, 0])?.place == "d.jsonl")
  var options = DatasetOptions()
  options.id = "id"
  #expect(refusal(good + good, options)?.found == "'1' as in line 1")
  options.scorer = "number"
  #expect(refusal(good, options)?.expected == "a number as the target")
  options.scorer = "prosqa"
  #expect(refusal(good, options)?.expected == "'root' and two 'candidates'")
}

@Test(arguments: ["x?question", "x?quest=a", "x?id=", "x?id=a&id=b", "/no/such", "/dev/zero", "/"])
func refusedSpecification(text: String) {
  #expect(throws: Fault.self) { try Dataset(text) }
}

@Test func mutatedFilesNeverCrash() throws {
  let lines = try String(decoding: bytes("\(embedded)/prosqa.json"), as: UTF8.self)
    .split(separator: "\n")
  let prosqa = Array("[\(lines[1])\n\(lines[2].dropLast())]".utf8)
  let seeds = [
    prosqa, Array(#"{"question":"a\nb","answer":"x\n#### 1,000"}"#.utf8),
    Array(#"{"problem":"p","solution":"so \\boxed{\\frac{1}{2}}"}"#.utf8),
    Array(#"{"question":"q","options":["A)x","B)y"],"correct":"B"}"#.utf8),
    Array(
      #"{"question":{"stem":"q","choices":[{"text":"x","label":"1"},{"text":"y","label":"2"}]},"#
        .utf8) + Array(#""answerKey":"2"}"#.utf8),
    Array(#"{"question":"q","query":"r","answer":"True"}"#.utf8),
    Array(#"{"question":"q","answer":false}"#.utf8),
  ]
  var generator = SplitMix(state: 7)
  var accepted = 0
  for round in 0..<2100 {
    var bytes = seeds[round % seeds.count]
    for _ in 0...Int.random(in: 0..<4, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(place..<min(place + 9, bytes.count - 1))
      case 2: bytes.insert(contentsOf: bytes[place...].prefix(5), at: place)
      default: bytes.replaceSubrange(place...place, with: Array("-9999999999999999999".utf8))
      }
    }
    do {
      let dataset = try Dataset(bytes: bytes, path: "mutated")
      accepted += 1
      #expect(!dataset.samples.isEmpty)
    } catch {
      #expect(error.place == "mutated")
    }
  }
  #expect((1..<2100).contains(accepted))
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
