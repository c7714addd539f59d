import TacitRandom

/// Makes problems that are distributed like the published ones of ProsQA.
///
/// Source: Hao et al. 2024, arXiv:2412.06769, appendix. How the authors choose root and answer is
/// not written down; the rule here was fitted to their validation problems. The two candidates are
/// not balanced, there as here: rules without any search find 66 to 88 % of the answers.
public struct ProsQAGenerator: Sendable {
  /// Hops that problems may have.
  public static let hops = 3...6

  private let seed: UInt64

  /// Problems of different seeds have nothing to do with each other.
  public init(seed: UInt64) { self.seed = seed }

  /// Problem number `index`; it depends on the seed and the index only.
  public func problem(_ index: Int) -> ProsQAProblem {
    var attempt = 0
    while true {
      var random = CounterRandom(
        seed: seed, sample: "prosqa/\(index)", repetition: 0, stage: 0, step: attempt)
      if let problem = Self.problem(using: &random) { return problem }
      attempt += 1
    }
  }

  /// Draws a graph and a question about it; nil where the graph has no question of 3 to 6 hops, or
  /// more nodes than there are words.
  private static func problem(using random: inout CounterRandom) -> ProsQAProblem? {
    let drawn = 23.3 + 1.9 * Double(random.gaussians(1)[0])
    let graph = ConceptGraph(
      nodeCount: min(max(Int(drawn.rounded()), 14), 29), using: &random)
    guard let (root, target, distractor) = question(about: graph, using: &random),
      let path = graph.shortestPath(from: root, to: target, using: &random),
      let symbols = ProsQAWords.symbols(for: graph, using: &random)
    else { return nil }
    return ProsQAProblem(
      graph: graph, symbols: symbols, facts: random.shuffled(graph.edges), path: path,
      distractor: distractor, isTargetFirst: random.integer(below: 2) == 0)
  }

  /// Chooses the deepest leaf that only one root is.
  ///
  /// It is the leaf of the root that has the deeper one, of root 1 when both are as deep. The
  /// distractor is any leaf that only the other root is.
  private static func question(
    about graph: ConceptGraph, using random: inout CounterRandom
  ) -> (root: Int, target: Int, distractor: Int)? {
    let distances = [graph.distances(from: 0), graph.distances(from: 1)]
    let leaves = [0, 1].map { root in
      (2..<graph.nodeCount).filter {
        graph.isLeaf($0) && distances[root][$0] != nil && distances[1 - root][$0] == nil
      }
    }
    let depths = [0, 1].map { root in leaves[root].compactMap { distances[root][$0] }.max() ?? 0 }
    let root = depths[1] >= depths[0] ? 1 : 0
    guard hops.contains(depths[root]), !leaves[1 - root].isEmpty else { return nil }
    let deepest = leaves[root].filter { distances[root][$0] == depths[root] }
    return (root, random.element(of: deepest), random.element(of: leaves[1 - root]))
  }
}

/// The words of the published problems.
public enum ProsQAWords {
  /// Names of individuals.
  public static let names = [
    "Alex", "Bob", "Carol", "Davis", "Eva", "Fae", "Gabriel", "Jack", "Max", "Oliver", "Polly",
    "Rex", "Sally", "Sam", "Stella", "Tom", "Wren",
  ]
  /// Invented concepts.
  public static let concepts = [
    "bompus", "boompus", "brimpus", "chorpus", "dumpus", "felpus", "fompus", "gerpus", "gorpus",
    "grimpus", "gwompus", "hilpus", "impus", "jelpus", "jompus", "kerpus", "lempus", "lorpus",
    "numpus", "quimpus", "rempus", "rompus", "rorpus", "scrompus", "shumpus", "sterpus", "storpus",
    "terpus", "timpus", "tumpus", "vumpus", "worpus", "wumpus", "yerpus", "yimpus", "yumpus",
    "zhorpus", "zumpus",
  ]

  /// Names for individuals and words for the rest, all different; nil when there are too few.
  public static func symbols(
    for graph: ConceptGraph, using random: inout CounterRandom
  ) -> [String]? {
    var names = random.shuffled(Self.names)
    var concepts = random.shuffled(Self.concepts)
    var symbols: [String] = []
    for node in 0..<graph.nodeCount {
      guard let symbol = graph.isIndividual(node) ? names.popLast() : concepts.popLast() else {
        return nil
      }
      symbols.append(symbol)
    }
    return symbols
  }
}
