import TacitModel
import TacitTensor

/// The loss of some graphs of a batch, to be computed on a tape.
///
/// Shapes: R rows, B branches, D width, V vocabulary, K thoughts of a chain.
struct BatchLoss {
  let model: LanguageModel
  let vocabulary: TrainingVocabulary
  let feed: TrainingMode.Feed
  let chainLength: Int
  let graphs: ArraySlice<TrainingBatch.Graph>
  /// Factor of each label's weight.
  let labelScale: Double
  /// Factor of each supervised state.
  let targetScale: Double

  /// What a pass found.
  struct Result {
    /// The sum that is minimised, [1, 1].
    var total: Tensor?
    /// The part of the labels.
    var labels = 0.0
    /// The part of the thoughts.
    var thoughts = 0.0
    /// Answers that could be known, and those of them that were the most likely token.
    var answers = 0
    var rightAnswers = 0
  }

  private var branches: [TrainingBatch.Branch] { graphs.flatMap(\.branches) }

  /// Runs all passes: facts, questions, thoughts one by one, tails.
  func callAsFunction() -> Result {
    let facts = read(
      model.embed(graphs.flatMap(\.facts)),
      graphs.map { RecordedPart(RecordedSession(), rowCount: $0.facts.count, wantedCount: 0) })
    var sessions = zip(graphs, facts.sessions).flatMap { graph, session in
      graph.branches.map { _ in session }
    }
    let factCounts = sessions.map(\.count)
    let branches = branches
    let questions = read(
      model.embed(branches.flatMap(\.tokens)),
      zip(branches, sessions).map {
        RecordedPart($1, rowCount: $0.tokens.count, wantedCount: chainLength > 0 ? 1 : 0)
      })
    sessions = questions.sessions
    let states = think(&sessions, from: questions.states)
    var result = Result()
    if let states { superviseThoughts(states, branches, &result) }
    readTails(sessions, factCounts, branches, &result)
    return result
  }

  /// One pass of the model: the wanted states after the final norm, and the memories behind it.
  private func read(
    _ input: Tensor, _ parts: [RecordedPart]
  ) -> (states: Tensor, sessions: [RecordedSession]) {
    var memory = RecordedMemory(parts, configuration: model.configuration)
    let output = model.forward(input, memory: &memory)
    let residual = output.residual
    return (residual.rows > 0 ? model.normalize(residual) : residual, memory.sessions)
  }

  /// Reads the chains behind the start markers.
  /// - Returns: The supervised states, [B + K·B, D]: those of the markers, then those of the
  ///   thoughts, thought by thought, or branch by branch for pauses; nil when there are none.
  private func think(_ sessions: inout [RecordedSession], from first: Tensor) -> Tensor? {
    guard chainLength > 0 else { return nil }
    let isSupervised = targetScale > 0
    switch feed {
    case .none: return nil
    case .state:
      var states = [first]
      for index in 1...chainLength {
        let isWanted = isSupervised || index < chainLength
        let pass = read(
          states[index - 1],
          sessions.map { RecordedPart($0, rowCount: 1, wantedCount: isWanted ? 1 : 0) })
        sessions = pass.sessions
        states.append(pass.states)
      }
      return isSupervised ? Tensor.concatenated(states) : nil
    case .pause:
      let pauses = [Int32](repeating: vocabulary.latent, count: chainLength * sessions.count)
      let pass = read(
        model.embed(pauses),
        sessions.map {
          RecordedPart($0, rowCount: chainLength, wantedCount: isSupervised ? chainLength : 0)
        })
      sessions = pass.sessions
      return isSupervised ? Tensor.concatenated([first, pass.states]) : nil
    }
  }

  /// Adds the cross-entropy of each state with its targets in equal parts.
  private func superviseThoughts(
    _ states: Tensor, _ branches: [TrainingBatch.Branch], _ result: inout Result
  ) {
    let firsts = branches.map { $0.targets[0] }
    let later =
      feed == .pause
      ? branches.flatMap { $0.targets.dropFirst() }
      : (1...chainLength).flatMap { index in branches.map { $0.targets[index] } }
    let logits = model.project(states)  // [B + K·B, V]
    var weights = Tensor(zeros: logits.rows, columns: logits.columns)
    weights.withUnsafeMutableBufferPointer { memory in
      for (row, tokens) in (firsts + later).enumerated() {
        for token in tokens {
          memory[row * logits.columns + Int(token)] = 1 / Float(tokens.count)
        }
      }
    }
    let loss = logits.crossEntropy(weights).weightedSum(
      [Float](repeating: Float(targetScale), count: logits.rows))
    result.thoughts = Double(loss[0][0])
    result.total = result.total.map { $0.adding(loss) } ?? loss
  }

  /// Adds the cross-entropy of the labels that matter.
  private func readTails(
    _ sessions: [RecordedSession], _ factCounts: [Int], _ branches: [TrainingBatch.Branch],
    _ result: inout Result
  ) {
    var parts: [RecordedPart] = []
    var tokens: [Int32] = []
    var rows: [Int] = []
    var labels: [Int32] = []
    var weights: [Float] = []
    var answers: [Int] = []
    for (branch, (session, factCount)) in zip(branches, zip(sessions, factCounts)) {
      for tail in branch.tails {
        var fork = session
        fork.crop(to: factCount + tail.column)
        parts.append(RecordedPart(fork, rowCount: tail.tokens.count))
        for row in tail.tokens.indices where tail.weights[row] > 0 {
          if row == tail.answerRow { answers.append(rows.count) }
          rows.append(tokens.count + row)
          labels.append(tail.labels[row])
          weights.append(Float(Double(tail.weights[row]) * labelScale))
        }
        tokens += tail.tokens
      }
    }
    guard !rows.isEmpty else { return }
    let states = read(model.embed(tokens), parts).states
    let logits = model.project(
      rows.count == states.rows ? states : states.gatheredRows(rows))  // [R, V]
    let loss = logits.crossEntropy(labels).weightedSum(weights)
    result.labels = Double(loss[0][0])
    result.total = result.total.map { $0.adding(loss) } ?? loss
    result.answers = answers.count
    result.rightAnswers = answers.count { row in
      logits.withUnsafeRow(row) { $0.argmax() } == Int(labels[row])
    }
  }
}
