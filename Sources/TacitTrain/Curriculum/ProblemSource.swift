import TacitProblems
import TacitRandom
import TacitReasoning

/// What graphs and questions a run is made of, which may change while it goes on.
public struct ProblemSettings: OptionTable {
  /// Nodes that are drawn for a random graph, on average.
  @Option("Nodes of random graphs, on average.", 4...55) public var nodes = Schedule(23.5)
  /// Share of graphs that are drawn as ProsQA's problems are.
  @Option("Share of graphs and first questions that are drawn as ProsQA's are.", 0...1)
  public var published = Schedule(0)
  /// Power of its hops that is a target's weight.
  @Option("A target of h hops has the weight h to this power.", 0...10) public var hopPower = 3.0

  /// ProsQA's sizes, other shapes.
  public init() {}
}

/// Which of two nodes is the root: a question about a graph.
struct GraphQuestion: Sendable, Equatable {
  /// A shortest way from the root to the right answer.
  let path: [Int]
  /// The wrong answer.
  let distractor: Int
  /// Whether the question names the right answer first.
  let isTargetFirst: Bool

  var root: Int { path[0] }
  var target: Int { path[path.count - 1] }
  var hops: Int { path.count - 1 }
}

/// A graph in words with some questions about it.
struct QuestionedGraph: Sendable {
  let graph: ConceptGraph
  /// A word per node.
  let symbols: [String]
  /// The facts in the order of the text.
  let facts: [ConceptGraph.Edge]
  let questions: [GraphQuestion]

  /// Most facts of a graph.
  private static let mostFacts = 56

  /// Draws graphs until one has as many questions as wanted, when `share` of the run is done.
  init(
    _ settings: ProblemSettings, questionCount: Int, at share: Double,
    using random: inout CounterRandom
  ) {
    let isPublished = random.uniform() < settings.published.value(at: share)
    let generator = ProsQAGenerator(seed: random.bits())
    var attempt = 0
    while true {
      if isPublished {
        let problem = generator.problem(attempt)
        attempt += 1
        guard problem.facts.count <= Self.mostFacts else { continue }
        let first = GraphQuestion(
          path: problem.path, distractor: problem.distractor, isTargetFirst: problem.isTargetFirst)
        if let questions = Self.questions(
          questionCount, about: problem.graph, after: [first], settings, using: &random)
        {
          self.init(
            graph: problem.graph, symbols: problem.symbols, facts: problem.facts,
            questions: questions)
          return
        }
      } else if let graph = Self.randomGraph(settings.nodes.value(at: share), using: &random),
        let symbols = ProsQAWords.symbols(for: graph, using: &random),
        let questions = Self.questions(
          questionCount, about: graph, after: [], settings, using: &random)
      {
        self.init(
          graph: graph, symbols: symbols, facts: random.shuffled(graph.edges), questions: questions)
        return
      }
    }
  }

  init(
    graph: ConceptGraph, symbols: [String], facts: [ConceptGraph.Edge], questions: [GraphQuestion]
  ) {
    self.graph = graph
    self.symbols = symbols
    self.facts = facts
    self.questions = questions
  }

  /// A graph of about so many nodes; nil when it has too few or too many facts.
  private static func randomGraph(
    _ nodes: Double, using random: inout CounterRandom
  ) -> ConceptGraph? {
    let drawn = nodes + nodes / 10 * Double(random.gaussians(1)[0])
    let graph = ConceptGraph(nodeCount: max(4, Int(drawn.rounded())), using: &random)
    return (2...mostFacts).contains(graph.edges.count) ? graph : nil
  }

  /// The given questions and further ones about any root; nil when no more are found.
  private static func questions(
    _ count: Int, about graph: ConceptGraph, after first: [GraphQuestion],
    _ settings: ProblemSettings, using random: inout CounterRandom
  ) -> [GraphQuestion]? {
    var questions = Array(first.prefix(count))
    while questions.count < count {
      var question: GraphQuestion?
      for _ in 0..<20 where question == nil {
        question = Self.question(about: graph, settings.hopPower, using: &random)
      }
      guard let question else { return nil }
      questions.append(question)
    }
    return questions
  }

  /// A question about a random root; nil when it reaches no node, or all that are concepts.
  private static func question(
    about graph: ConceptGraph, _ hopPower: Double, using random: inout CounterRandom
  ) -> GraphQuestion? {
    let root = random.integer(below: graph.nodeCount)
    let distances = graph.distances(from: root)
    let reached = distances.indices.filter { (distances[$0] ?? 0) > 0 }
    let distractors = distances.indices.filter {
      distances[$0] == nil && !graph.isIndividual($0)
    }
    guard !reached.isEmpty, !distractors.isEmpty else { return nil }
    let weights = reached.map { power(Double(distances[$0] ?? 0), hopPower) }
    let target = reached[random.index(weights: weights)]
    guard let path = graph.shortestPath(from: root, to: target, using: &random) else { return nil }
    return GraphQuestion(
      path: path, distractor: random.element(of: distractors),
      isTargetFirst: random.integer(below: 2) == 0)
  }
}
