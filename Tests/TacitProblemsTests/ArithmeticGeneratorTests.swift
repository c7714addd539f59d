import TacitEval
import TacitJSON
import TacitProblems
import Testing

/// The value of an expression by the usual precedence.
private struct Calculator {
  private var rest: Substring

  static func value(of text: Substring) -> Int? {
    var calculator = Calculator(rest: text.replacing(" ", with: "")[...])
    let value = calculator.sum()
    return calculator.rest.isEmpty ? value : nil
  }

  private mutating func sum() -> Int {
    var value = product()
    while let sign = rest.first, sign == "+" || sign == "-" {
      rest.removeFirst()
      value += sign == "+" ? product() : -product()
    }
    return value
  }

  private mutating func product() -> Int {
    var value = factor()
    while rest.first == "*" {
      rest.removeFirst()
      value *= factor()
    }
    return value
  }

  private mutating func factor() -> Int {
    if rest.first == "(" {
      rest.removeFirst()
      defer { rest.removeFirst() }
      return sum()
    }
    let digits = rest.prefix { $0.isNumber }
    rest = rest.dropFirst(digits.count)
    return Int(digits) ?? 0
  }
}

@Suite struct ArithmeticGeneratorTests {
  private static let problems = (0..<600).map {
    ArithmeticGenerator(seed: 3, steps: 1...6).problem($0)
  }

  @Test func chainsAreRight() throws {
    for problem in Self.problems {
      #expect(problem.values.allSatisfy { (1...999).contains($0) })
      #expect((1...6).contains(problem.links.count))
      for (step, value) in zip(problem.steps, problem.values.dropFirst()) {
        let sides = step.split(separator: " = ")
        #expect(Calculator.value(of: sides[0]) == value && Int(sides[1]) == value)
      }
      if problem.wording == .expression {
        let expression = problem.question.dropFirst("What is ".count).dropLast()
        #expect(Calculator.value(of: expression) == problem.target, "\(problem.question)")
      }
    }
  }

  @Test func everythingOccurs() {
    let links = Self.problems.flatMap(\.links)
    for operation in ArithmeticProblem.Operation.allCases {
      let share = Double(links.count { $0.operation == operation }) / Double(links.count)
      #expect((0.2...0.45).contains(share), "\(operation)")
    }
    // A half of 600 and a sixth of them; the standard deviations are 12 and 9.
    #expect((240...360).contains(Self.problems.count { $0.wording == .expression }))
    for count in 1...6 {
      #expect((60...140).contains(Self.problems.count { $0.links.count == count }))
    }
  }

  @Test func wordings() {
    let links: [ArithmeticProblem.Link] = [
      .init(.add, 4), .init(.multiply, 5), .init(.multiply, 2), .init(.subtract, 6),
    ]
    let expression = ArithmeticProblem(start: 3, links: links, wording: .expression)
    #expect(expression.question == "What is (3 + 4) * 5 * 2 - 6?")
    #expect(expression.steps == ["3 + 4 = 7", "7 * 5 = 35", "35 * 2 = 70", "70 - 6 = 64"])
    let story = ArithmeticProblem(
      start: 3, links: Array(links.prefix(2)), wording: .story(name: "Ada", thing: "coins"))
    #expect(
      story.question
        == "Ada has 3 coins. Ada finds 4 more. Then Ada has 5 times as many. "
        + "How many coins does Ada have now?")
  }

  @Test func theReaderTakesProblems() throws {
    let lines = try Self.problems.map { try $0.json.text() }.joined(separator: "\n")
    let dataset = try Dataset(bytes: Array(lines.utf8), path: "made.jsonl")
    #expect(dataset.format == .gsm8k)
    for (sample, problem) in zip(dataset.samples, Self.problems) {
      #expect(sample.target == "\(problem.target)" && sample.hops == problem.links.count)
      let answer = try #require(problem.json["answer"]?.string)
      let verdicts = try dataset.scoring.verdicts(on: answer, for: sample)
      #expect(verdicts.allSatisfy { $0.verdict.isCorrect })
    }
  }
}
