import TacitRandom

/// A directed graph without cycles whose nodes are concepts: an edge says that every `from` is a
/// `to`.
///
/// Nodes are counted from 0. Those without parents are individuals, which facts call by name.
public struct ConceptGraph: Sendable, Equatable {
  /// One fact.
  public struct Edge: Sendable, Hashable {
    /// The node that is something.
    public let from: Int
    /// What it is.
    public let to: Int

    /// States that every `from` is a `to`.
    public init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }
  }

  /// The facts, each once.
  public let edges: [Edge]
  /// For every node, what it is by one fact.
  public let children: [[Int]]
  /// For every node, what is one by one fact.
  public let parents: [[Int]]

  /// Number of nodes.
  public var nodeCount: Int { children.count }

  /// Makes a graph whose edges lead from lower to higher nodes.
  public init(nodeCount: Int, edges: [Edge]) {
    precondition(Set(edges).count == edges.count, "every edge is there once")
    var children = [[Int]](repeating: [], count: nodeCount)
    var parents = children
    for edge in edges {
      precondition(0 <= edge.from && edge.from < edge.to && edge.to < nodeCount, "edges lead up")
      children[edge.from].append(edge.to)
      parents[edge.to].append(edge.from)
    }
    self.edges = edges
    self.children = children
    self.parents = parents
  }

  /// Whether a node is called by a name of its own.
  public func isIndividual(_ node: Int) -> Bool { parents[node].isEmpty }

  /// Whether a node is nothing more general.
  public func isLeaf(_ node: Int) -> Bool { children[node].isEmpty }

  /// For every node the number of edges on a shortest way to it; nil where none leads to it.
  public func distances(from root: Int) -> [Int?] {
    var distances = [Int?](repeating: nil, count: nodeCount)
    distances[root] = 0
    var frontier = [root]
    var distance = 0
    while !frontier.isEmpty {
      distance += 1
      var next: [Int] = []
      for node in frontier {
        for child in children[node] where distances[child] == nil {
          distances[child] = distance
          next.append(child)
        }
      }
      frontier = next
    }
    return distances
  }

  /// The nodes, ascending, at the end of ways of exactly 0, 1, … `length` edges: what a search that
  /// keeps no list of visited nodes holds after each step.
  public func walkEnds(from root: Int, length: Int) -> [[Int]] {
    var ends = [[root]]
    for _ in 0..<length {
      ends.append(Set((ends.last ?? []).flatMap { children[$0] }).sorted())
    }
    return ends
  }

  /// A shortest way, drawn backwards with all parents on one equally likely; nil when there is no
  /// way.
  public func shortestPath(
    from root: Int, to target: Int, using random: inout CounterRandom
  ) -> [Int]? {
    let distances = distances(from: root)
    guard var distance = distances[target] else { return nil }
    var path = [target]
    while distance > 0 {
      distance -= 1
      path.append(
        random.element(
          of: parents[path[path.count - 1]].filter {
            distances[$0] == distance
          }))
    }
    return path.reversed()
  }
}
