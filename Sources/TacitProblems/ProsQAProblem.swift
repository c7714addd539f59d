import TacitJSON

/// "Is the root a target or a distractor?", with the facts that decide it.
public struct ProsQAProblem: Sendable, Equatable {
  /// The facts.
  public let graph: ConceptGraph
  /// A word per node.
  public let symbols: [String]
  /// The facts in the order of the text.
  public let facts: [ConceptGraph.Edge]
  /// A shortest way from the root to the right answer.
  public let path: [Int]
  /// What the root is not.
  public let distractor: Int
  /// Whether the question names the right answer first.
  public let isTargetFirst: Bool

  /// The node that the question is about.
  public var root: Int { path[0] }
  /// The right answer.
  public var target: Int { path[path.count - 1] }
  /// Number of facts that lead to the answer.
  public var hops: Int { path.count - 1 }

  /// States a problem.
  public init(
    graph: ConceptGraph, symbols: [String], facts: [ConceptGraph.Edge], path: [Int],
    distractor: Int, isTargetFirst: Bool
  ) {
    precondition(symbols.count == graph.nodeCount, "a word per node")
    precondition(Set(facts) == Set(graph.edges), "the facts are the graph's edges")
    precondition(
      path.count > 1 && zip(path, path.dropFirst()).allSatisfy { graph.children[$0].contains($1) },
      "the path follows the edges")
    self.graph = graph
    self.symbols = symbols
    self.facts = facts
    self.path = path
    self.distractor = distractor
    self.isTargetFirst = isTargetFirst
  }

  /// The facts and the question, as the authors of ProsQA write them: always "a", never "an".
  public var question: String {
    let candidates = isTargetFirst ? [target, distractor] : [distractor, target]
    let names = candidates.map { symbols[$0] }.joined(separator: " or ")
    return (facts.map(sentence) + ["Is \(symbols[root]) a \(names)?"]).joined(separator: " ")
  }

  /// The facts on the path.
  public var steps: [String] {
    zip(path, path.dropFirst()).map { sentence(ConceptGraph.Edge(from: $0, to: $1)) }
  }

  /// The right answer as a sentence of its own.
  public var answer: String { "\(symbols[root]) is a \(symbols[target])." }

  /// The problem with the fields of the authors' files.
  public var json: JSON {
    [
      "question": .string(question), "answer": .string(answer),
      "steps": .array(steps.map(JSON.string)),
      "idx_to_symbol": .array(symbols.map(JSON.string)),
      "edges": .array(graph.edges.map { [.integer($0.from), .integer($0.to)] }),
      "root": .integer(root), "target": .integer(target), "neg_target": .integer(distractor),
    ]
  }

  private func sentence(_ fact: ConceptGraph.Edge) -> String {
    let subject = symbols[fact.from]
    return "\(graph.isIndividual(fact.from) ? "" : "Every ")\(subject) is a \(symbols[fact.to])."
  }
}
