import TacitProblems
import TacitRandom
import Testing

private func random(_ step: Int = 0) -> CounterRandom {
  CounterRandom(seed: 1, sample: "test", repetition: 0, stage: 0, step: step)
}

/// 0 → 2 → 3 → 4 and 0 → 3, 1 → 4, 4 → 5, 3 → 5.
private let graph = ConceptGraph(
  nodeCount: 6,
  edges: [(0, 2), (2, 3), (0, 3), (3, 4), (1, 4), (4, 5), (3, 5)].map { .init(from: $0, to: $1) })

@Test func searches() {
  #expect(graph.distances(from: 0) == [0, nil, 1, 1, 2, 2])
  #expect(graph.distances(from: 5) == [nil, nil, nil, nil, nil, 0])
  #expect(graph.walkEnds(from: 0, length: 5) == [[0], [2, 3], [3, 4, 5], [4, 5], [5], []])
  #expect(graph.isIndividual(1) && !graph.isIndividual(2))
  #expect(graph.isLeaf(5) && !graph.isLeaf(4))
  var stream = random()
  #expect(graph.shortestPath(from: 0, to: 5, using: &stream) == [0, 3, 5])
  #expect(graph.shortestPath(from: 5, to: 5, using: &stream) == [5])
  #expect(graph.shortestPath(from: 1, to: 3, using: &stream) == nil)
}

@Test func everyShortestPathIsDrawn() {
  let diamond = ConceptGraph(
    nodeCount: 5,
    edges: [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)].map { .init(from: $0, to: $1) })
  var counts: [[Int]: Int] = [:]
  for step in 0..<3000 {
    var stream = random(step)
    counts[diamond.shortestPath(from: 0, to: 4, using: &stream) ?? [], default: 0] += 1
  }
  // A third each; the standard deviation of a count is 26.
  #expect(Set(counts.keys) == [[0, 1, 4], [0, 2, 4], [0, 3, 4]])
  #expect(counts.values.allSatisfy { (870...1130).contains($0) })
}
