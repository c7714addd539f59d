#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitRandom

extension ConceptGraph {
  /// Draws a graph of ProsQA's kind: two roots, 0 and 1, and what mostly one of them is.
  ///
  /// Source: Hao et al. 2024, arXiv:2412.06769, appendix, algorithm 1, with shares that were fitted
  /// to the authors' validation problems. A new node has a number of parents from the Poisson
  /// distribution of mean 1.5 without 0, or in one case of twenty none. They are drawn without
  /// replacement, a node of depth d with weight 1.5·d + 1, among the nodes that do not descend from
  /// root 1 (0.38), from root 0 (0.38), or all (0.24). The depth of a node is one more than its
  /// least deep parent's. `nodeCount` nodes are drawn, roots included; those that no edge touches
  /// are left out then, but for the roots.
  public init(nodeCount: Int, using random: inout CounterRandom) {
    precondition(nodeCount >= 2, "there are two roots")
    var nodes = [DrawnNode(roots: [0]), DrawnNode(roots: [1])]
    while nodes.count < nodeCount {
      let share = random.uniform()
      let count = random.uniform() < 0.05 ? 0 : Self.parentCount(using: &random)
      let candidates = nodes.indices.filter {
        share < 0.38
          ? !nodes[$0].roots.contains(1) : share < 0.76 ? !nodes[$0].roots.contains(0) : true
      }
      let parents = Self.draw(count, of: candidates, nodes, using: &random)
      nodes.append(
        DrawnNode(
          roots: parents.reduce(into: []) { $0.formUnion(nodes[$1].roots) },
          depth: (parents.map { nodes[$0].depth }.min() ?? -1) + 1, parents: parents))
    }
    self.init(connected: nodes)
  }

  /// Numbers the nodes anew without the ones that stand alone.
  private init(connected nodes: [DrawnNode]) {
    let touched = Set(nodes.indices.filter { !nodes[$0].parents.isEmpty })
      .union(nodes.flatMap(\.parents)).union([0, 1])
    let kept = touched.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let edges = nodes.indices.flatMap { to in
      nodes[to].parents.compactMap { from in
        numbers[from].flatMap { from in numbers[to].map { Edge(from: from, to: $0) } }
      }
    }
    self.init(nodeCount: kept.count, edges: edges)
  }

  /// A node while the graph grows.
  private struct DrawnNode {
    /// Roots from which it descends; a root descends from itself.
    var roots: Set<Int>
    var depth = 0
    var parents: [Int] = []
  }

  /// From the Poisson distribution of mean 1.5 without 0: Knuth's product of uniform numbers.
  private static func parentCount(using random: inout CounterRandom) -> Int {
    let limit = exp(-1.5)
    while true {
      var count = 0
      var product = random.uniform()
      while product >= limit {
        count += 1
        product *= random.uniform()
      }
      if count > 0 { return count }
    }
  }

  /// Up to `count` different candidates, one after the other by their weights.
  private static func draw(
    _ count: Int, of candidates: [Int], _ nodes: [DrawnNode], using random: inout CounterRandom
  ) -> [Int] {
    var rest = candidates
    var drawn: [Int] = []
    while drawn.count < count, !rest.isEmpty {
      let weights = rest.map { 1.5 * Double(nodes[$0].depth) + 1 }
      var place = random.uniform() * weights.reduce(0, +)
      var index = 0
      while index < rest.count - 1, place >= weights[index] {
        place -= weights[index]
        index += 1
      }
      drawn.append(rest.remove(at: index))
    }
    return drawn
  }
}
