import TacitEval
import TacitJSON
import TacitProblems
import Testing

/// What the table of the published problems counts of one problem.
private struct Figures {
  let values: [String: Double]

  init(_ problem: ProsQAProblem) {
    let graph = problem.graph
    let fromRoot = graph.distances(from: problem.root)
    let fromOther = graph.distances(from: 1 - problem.root)
    let reached = fromRoot.compactMap(\.self)
    let frontiers = reached.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    let parents = [problem.target, problem.distractor].map { graph.parents[$0].count }
    let undirected = Self.undirectedDistances(graph, from: problem.root)
    values = [
      "nodes": Double(graph.nodeCount), "edges": Double(graph.edges.count),
      "3 hops": problem.hops == 3 ? 1 : 0, "4 hops": problem.hops == 4 ? 1 : 0,
      "5 hops": problem.hops == 5 ? 1 : 0, "6 hops": problem.hops == 6 ? 1 : 0,
      "names": Double((0..<graph.nodeCount).count { graph.isIndividual($0) }),
      "reachable from root": Double(reached.count - 1),
      "reachable from other": Double(fromOther.compactMap(\.self).count - 1),
      "depth of distractor": Double(fromOther[problem.distractor] ?? -1),
      "parents of target": Double(parents[0]), "parents of distractor": Double(parents[1]),
      "children of root": Double(graph.children[problem.root].count),
      "largest frontier": Double(frontiers.values.max() ?? 0),
      "root is 1": problem.root == 1 ? 1 : 0, "target first": problem.isTargetFirst ? 1 : 0,
      "fewer parents": Self.guess(parents[0], parents[1]),
      "smaller undirected distance": Self.guess(
        undirected[problem.target] ?? .max, undirected[problem.distractor] ?? .max),
      "two backward steps": Self.guess(
        Self.score(problem.distractor, problem), Self.score(problem.target, problem)),
      "shortest paths": Double(Self.shortestPaths(problem)),
    ]
  }

  /// How often a rule is right that takes the smaller number; a tie is a coin.
  private static func guess(_ target: Int, _ distractor: Int) -> Double {
    target == distractor ? 0.5 : target < distractor ? 1 : 0
  }

  /// 1 when only the root is within two steps back, -1 when only the other root is, else 0.
  private static func score(_ node: Int, _ problem: ProsQAProblem) -> Int {
    let near = (0..<2).reduce(into: Set([node])) { near, _ in
      near.formUnion(near.flatMap { problem.graph.parents[$0] })
    }
    return (near.contains(problem.root) ? 1 : 0) - (near.contains(1 - problem.root) ? 1 : 0)
  }

  private static func undirectedDistances(_ graph: ConceptGraph, from root: Int) -> [Int?] {
    var distances = [Int?](repeating: nil, count: graph.nodeCount)
    distances[root] = 0
    var queue = [root]
    var place = 0
    while place < queue.count {
      let node = queue[place]
      place += 1
      for next in graph.children[node] + graph.parents[node] where distances[next] == nil {
        distances[next] = distances[node].map { $0 + 1 }
        queue.append(next)
      }
    }
    return distances
  }

  private static func shortestPaths(_ problem: ProsQAProblem) -> Int {
    let distances = problem.graph.distances(from: problem.root)
    var counts = [problem.root: 1]
    for node in 0..<problem.graph.nodeCount {
      guard let distance = distances[node], distance > 0 else { continue }
      counts[node] = problem.graph.parents[node]
        .filter { distances[$0] == distance - 1 }.compactMap { counts[$0] }.reduce(0, +)
    }
    return counts[problem.target] ?? 0
  }
}

@Suite struct ProsQAGeneratorTests {
  private static let problems = (0..<3000).map { ProsQAGenerator(seed: 20).problem($0) }

  /// Means and standard deviations of 60 000 problems of the program by which the rule was fitted,
  /// which draws other random numbers.
  @Test(
    arguments: [
      ("nodes", 22.92, 1.97), ("edges", 36.65, 5.68), ("3 hops", 0.4251, 0.494),
      ("4 hops", 0.4111, 0.492), ("5 hops", 0.1365, 0.343), ("6 hops", 0.02725, 0.163),
      ("shortest paths", 1.575, 0.893), ("names", 2.575, 0.737),
      ("reachable from root", 12.32, 2.75), ("reachable from other", 9.47, 2.96),
      ("depth of distractor", 2.129, 0.77), ("parents of target", 1.495, 0.765),
      ("parents of distractor", 2.135, 1.12), ("children of root", 2.958, 1.25),
      ("largest frontier", 4.996, 1.44), ("root is 1", 0.6133, 0.487),
      ("fewer parents", 0.6727, 0.372), ("smaller undirected distance", 0.8146, 0.317),
      ("two backward steps", 0.8509, 0.229), ("target first", 0.5, 0.5),
    ])
  func meansOfTheReference(name: String, mean: Double, deviation: Double) {
    let values = Self.problems.compactMap { Figures($0).values[name] }
    #expect(values.count == 3000)
    let found = values.reduce(0, +) / 3000
    // Four standard errors of the difference of the two means.
    let error = deviation * (1.0 / 3000 + 1.0 / 60_000).squareRoot()
    #expect(abs(found - mean) < 4 * error, "\(found)")
  }

  @Test func everyProblemIsSound() throws {
    for problem in Self.problems {
      let distances = problem.graph.distances(from: problem.root)
      #expect(problem.root < 2 && (3...6).contains(problem.hops))
      #expect(distances[problem.target] == problem.hops && distances[problem.distractor] == nil)
      #expect(problem.graph.isLeaf(problem.target) && problem.graph.isLeaf(problem.distractor))
      #expect(Set(problem.symbols).count == problem.symbols.count)
      #expect(
        (2..<problem.graph.nodeCount).allSatisfy {
          !problem.graph.isIndividual($0) || !problem.graph.isLeaf($0)
        })
    }
  }

  @Test func theReaderTakesProblems() throws {
    let problems = Self.problems.prefix(50)
    let text = try JSON.array(problems.map(\.json)).text()
    let dataset = try Dataset(bytes: Array(text.utf8), path: "made.json")
    #expect(dataset.format == .prosqa)
    for (sample, problem) in zip(dataset.samples, problems) {
      #expect(sample.hops == problem.hops && sample.question == problem.question)
      let steps = problem.steps + ["### " + problem.answer]
      let verdicts = try dataset.scoring.verdicts(on: steps.joined(separator: " "), for: sample)
      #expect(verdicts.allSatisfy { $0.verdict.isCorrect })
    }
  }

  @Test func problemsDependOnSeedAndIndex() throws {
    let problem = ProsQAGenerator(seed: 0).problem(7)
    #expect(ProsQAGenerator(seed: 0).problem(7) == problem)
    #expect(ProsQAGenerator(seed: 0).problem(8) != problem)
    #expect(ProsQAGenerator(seed: 1).problem(7) != problem)
  }
}
