/// Writes the tokens that follow a question in one mode, with their labels and weights.
struct TailWriter {
  let mode: TrainingMode
  /// Ids of the nodes from the root to the answer.
  let path: [Int32]
  let vocabulary: TrainingVocabulary
  /// Share of the run that is done.
  let share: Double

  private var hops: Int { path.count - 1 }
  private var root: Int32 { path[0] }
  private var target: Int32 { path[path.count - 1] }

  /// The tail after so many thoughts, of a question of `asked` tokens without the start marker.
  func tail(thoughts: Int, asked: Int) -> TrainingBatch.Tail {
    let column = mode.feed == .none ? asked : asked + 1 + thoughts
    switch mode.continuation {
    case .answer: return answer(after: thoughts, column: column)
    case .steps: return steps(from: thoughts, column: column)
    }
  }

  private func answer(after thoughts: Int, column: Int) -> TrainingBatch.Tail {
    let weights = mode.weights
    // Without a chain the first hop is seen at once.
    let isEarly = max(thoughts, mode.feed == .none ? 1 : 0) < hops
    let answer = (isEarly ? weights.early : weights.answer).value(at: share)
    var text = Text(first: mode.feed == .none ? vocabulary.answer : vocabulary.endLatent)
    if mode.feed != .none { text.add(vocabulary.answer, isEarly ? 0 : weights.marker) }
    text.add(root, weights.subject)
    text.add(target, answer)
    // After thoughts nothing behind the answer is learned from: another mode teaches the ending.
    if mode.feed == .none { addEnd(to: &text) }
    return text.tail(
      column: column, answerRow: isEarly ? nil : mode.feed == .none ? 1 : 2)
  }

  private func steps(from first: Int, column: Int) -> TrainingBatch.Tail {
    let weights = mode.weights
    var text = Text(first: mode.feed == .none ? vocabulary.startThink : vocabulary.endLatent)
    for step in first..<hops {
      // Which node a written chain starts at is plain; after thoughts it is what they found.
      text.add(path[step], step == first && step > 0 ? weights.node : weights.origin)
      text.add(path[step + 1], weights.node)
      text.add(vocabulary.stop, weights.stop)
    }
    if mode.feed == .none { text.add(vocabulary.endThink, weights.close) }
    text.add(vocabulary.answer, weights.marker)
    text.add(root, weights.subject)
    text.add(target, weights.answer.value(at: share))
    addEnd(to: &text)
    return text.tail(column: column, answerRow: text.labels.count - 3)
  }

  private func addEnd(to text: inout Text) {
    text.add(vocabulary.stop, mode.weights.end)
    text.add(vocabulary.end, mode.weights.end)
  }
}

/// Tokens after a first one, each the label of the one before it.
private struct Text {
  let first: Int32
  var labels: [Int32] = []
  var weights: [Float] = []

  init(first: Int32) { self.first = first }

  mutating func add(_ token: Int32, _ weight: Double) {
    labels.append(token)
    weights.append(Float(weight))
  }

  func tail(column: Int, answerRow: Int?) -> TrainingBatch.Tail {
    TrainingBatch.Tail(
      column: column, tokens: [first] + labels.dropLast(), labels: labels, weights: weights,
      answerRow: answerRow)
  }
}
