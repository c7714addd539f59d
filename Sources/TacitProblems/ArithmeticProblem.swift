import TacitJSON

/// A chain of sums, differences and products with one whole number as its value.
public struct ArithmeticProblem: Sendable, Equatable {
  /// What a link of the chain does to the value before it.
  public enum Operation: String, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
  }

  /// A link of the chain.
  public struct Link: Sendable, Equatable {
    /// What is done.
    public let operation: Operation
    /// With which number.
    public let operand: Int

    /// Describes a link.
    public init(_ operation: Operation, _ operand: Int) {
      self.operation = operation
      self.operand = operand
    }

    /// The value behind the link.
    public func result(of value: Int) -> Int {
      switch operation {
      case .add: value + operand
      case .subtract: value - operand
      case .multiply: value * operand
      }
    }
  }

  /// How the chain is put into words.
  public enum Wording: Sendable, Equatable {
    /// "What is (3 + 4) * 2?"
    case expression
    /// A short story about somebody's things.
    case story(name: String, thing: String)
  }

  /// The value at the chain's beginning.
  public let start: Int
  /// The chain.
  public let links: [Link]
  /// How it is told.
  public let wording: Wording

  /// States a problem.
  public init(start: Int, links: [Link], wording: Wording) {
    self.start = start
    self.links = links
    self.wording = wording
  }

  /// The values from the start to the answer.
  public var values: [Int] {
    links.reduce(into: [start]) { values, link in
      values.append(link.result(of: values[values.count - 1]))
    }
  }

  /// The right answer.
  public var target: Int { values[links.count] }

  /// The text put to a model.
  public var question: String {
    switch wording {
    case .expression: "What is \(expression)?"
    case .story(let name, let thing): story(name, thing)
    }
  }

  /// One calculation per link, such as "3 + 4 = 7".
  public var steps: [String] {
    zip(links, zip(values, values.dropFirst())).map { link, values in
      "\(values.0) \(link.operation.rawValue) \(link.operand) = \(values.1)"
    }
  }

  /// The problem with the fields of the GSM8K files, and beside them `target`, `steps` and `hops`.
  public var json: JSON {
    [
      "question": .string(question),
      "answer": .string(steps.joined(separator: "\n") + "\n#### \(target)"),
      "target": .integer(target), "steps": .array(steps.map(JSON.string)),
      "hops": .integer(links.count),
    ]
  }

  /// From left to right, with parentheses where a product would otherwise come first.
  private var expression: String {
    var text = "\(start)"
    for (index, link) in links.enumerated() {
      let isSum = links[..<index].last.map { $0.operation != .multiply } ?? false
      if link.operation == .multiply, isSum { text = "(\(text))" }
      text += " \(link.operation.rawValue) \(link.operand)"
    }
    return text
  }

  private func story(_ name: String, _ thing: String) -> String {
    let events = links.map { link in
      switch link.operation {
      case .add: "\(name) finds \(link.operand) more."
      case .subtract: "\(name) gives \(link.operand) away."
      case .multiply: "Then \(name) has \(link.operand) times as many."
      }
    }
    let sentences = ["\(name) has \(start) \(thing)."] + events
    return sentences.joined(separator: " ") + " How many \(thing) does \(name) have now?"
  }
}
