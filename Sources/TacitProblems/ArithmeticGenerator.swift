import TacitRandom

/// Makes chains of sums, differences and products with small whole numbers.
///
/// Values begin at 2 to 20 and stay in 1...999; one adds or takes away 1 to 20 or multiplies by 2
/// to 5, whatever of that the value allows. Half of the problems are expressions, half are stories.
public struct ArithmeticGenerator: Sendable {
  /// Links that chains may have.
  public static let possibleSteps = 1...100

  private let seed: UInt64
  private let steps: ClosedRange<Int>

  /// Problems of different seeds have nothing to do with each other.
  ///
  /// All lengths within `steps`, which are ``possibleSteps``, are equally likely.
  public init(seed: UInt64, steps: ClosedRange<Int>) {
    precondition(
      Self.possibleSteps.contains(steps.lowerBound)
        && Self.possibleSteps.contains(steps.upperBound),
      "chains have 1 to 100 links")
    self.seed = seed
    self.steps = steps
  }

  /// Problem number `index`; it depends on the seed, the lengths and the index only.
  public func problem(_ index: Int) -> ArithmeticProblem {
    var random = CounterRandom(
      seed: seed, sample: "arithmetic/\(index)", repetition: 0, stage: 0, step: 0)
    let count = steps.lowerBound + random.integer(below: steps.count)
    let start = 2 + random.integer(below: 19)
    var value = start
    var links: [ArithmeticProblem.Link] = []
    for _ in 0..<count {
      let link = Self.link(after: value, using: &random)
      links.append(link)
      value = link.result(of: value)
    }
    let wording: ArithmeticProblem.Wording =
      random.integer(below: 2) == 0
      ? .expression
      : .story(name: random.element(of: Self.names), thing: random.element(of: Self.things))
    return ArithmeticProblem(start: start, links: links, wording: wording)
  }

  private static func link(
    after value: Int, using random: inout CounterRandom
  ) -> ArithmeticProblem.Link {
    let operands: [(ArithmeticProblem.Operation, ClosedRange<Int>)] = [
      (.add, 1...20), (.subtract, 1...20), (.multiply, 2...5),
    ]
    let allowed = operands.compactMap { operation, range in
      let links = range.map { ArithmeticProblem.Link(operation, $0) }
        .filter { (1...999).contains($0.result(of: value)) }
      return links.isEmpty ? nil : links
    }
    let links: [ArithmeticProblem.Link] = random.element(of: allowed)
    return random.element(of: links)
  }

  private static let names = ["Ada", "Ben", "Cleo", "Dana", "Emil", "Finn", "Gina", "Hugo"]
  private static let things = ["marbles", "coins", "shells", "stamps", "pencils", "cards"]
}
