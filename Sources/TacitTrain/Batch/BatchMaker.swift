import TacitRandom
import TacitTensor

/// Makes the batches of a run: each a function of the seed and its number only.
public struct BatchMaker: Sendable {
  let problems: ProblemSettings
  let kinds: [BatchKind]
  /// Graphs of a batch.
  let graphCount: Int
  /// Whether thoughts get targets.
  let supervisesThoughts: Bool
  let vocabulary: TrainingVocabulary
  let seed: UInt64

  /// Batch number `index` of a step, when `share` of the run is done.
  func batch(step: Int, index: Int, at share: Double) -> TrainingBatch {
    var random = CounterRandom(
      seed: seed, sample: "training/batch", repetition: index, stage: 0, step: step)
    let kind = kinds[random.index(weights: kinds.map { $0.share.value(at: share) })]
    let graphs = [TrainingBatch.Graph?](unsafeUninitializedCapacity: graphCount) { memory, count in
      guard let base = memory.baseAddress else { return }
      base.initialize(repeating: nil, count: graphCount)
      count = graphCount
      let slots = GraphSlots(base: base)
      Threads.forEach(graphCount) { range in
        for place in range {
          var random = CounterRandom(
            seed: seed, sample: "training/graph", repetition: index, stage: place, step: step)
          slots.base[place] = graph(kind, at: share, using: &random)
        }
      }
    }
    return TrainingBatch(
      feed: kind.feed, chainLength: kind.longestChain, graphs: graphs.compactMap(\.self))
  }

  private struct GraphSlots: @unchecked Sendable {
    let base: UnsafeMutablePointer<TrainingBatch.Graph?>
  }

  private func graph(
    _ kind: BatchKind, at share: Double, using random: inout CounterRandom
  ) -> TrainingBatch.Graph {
    let graph = QuestionedGraph(
      problems, questionCount: kind.questions, at: share, using: &random)
    let ids = graph.symbols.map(vocabulary.id)
    return TrainingBatch.Graph(
      facts: graph.facts.flatMap { [ids[$0.from], ids[$0.to], vocabulary.stop] },
      branches: graph.questions.map { question in
        branch(question, graph, ids, kind, at: share, using: &random)
      })
  }

  private func branch(
    _ question: GraphQuestion, _ graph: QuestionedGraph, _ ids: [Int32], _ kind: BatchKind,
    at share: Double, using random: inout CounterRandom
  ) -> TrainingBatch.Branch {
    let (first, second) =
      question.isTargetFirst
      ? (question.target, question.distractor) : (question.distractor, question.target)
    var tokens = [
      ids[question.root], vocabulary.article, ids[first], vocabulary.or, ids[second],
    ]
    let asked = tokens.count
    if kind.feed != .none { tokens.append(vocabulary.startLatent) }
    var tails: [TrainingBatch.Tail] = []
    for mode in kind.modes where random.uniform() < mode.share.value(at: share) {
      let writer = TailWriter(
        mode: mode, path: question.path.map { ids[$0] }, vocabulary: vocabulary, share: share)
      tails += Self.chains(mode, hops: question.hops, using: &random).map {
        writer.tail(thoughts: $0, asked: asked)
      }
    }
    var targets: [[Int32]] = []
    if supervisesThoughts, kind.feed != .none {
      let ends = graph.graph.walkEnds(from: question.root, length: kind.longestChain + 1)
      targets = ends.dropFirst().map { nodes in
        nodes.isEmpty ? [vocabulary.unknown] : nodes.map { ids[$0] }
      }
    }
    return TrainingBatch.Branch(tokens: tokens, tails: tails, targets: targets)
  }

  /// The numbers of thoughts that a question is given with, ascending.
  static func chains(
    _ mode: TrainingMode, hops: Int, using random: inout CounterRandom
  ) -> [Int] {
    func fits(_ count: Int) -> Bool { mode.continuation == .answer || count < hops }
    let always = mode.always.filter(fits)
    let others = mode.thoughts.filter { fits($0) && !mode.always.contains($0) }
    let wanted = max(0, (mode.draw ?? mode.thoughts.count) - always.count)
    return (always + random.shuffled(others).prefix(wanted)).sorted()
  }
}
