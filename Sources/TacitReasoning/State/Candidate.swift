import TacitModel

/// One of several continuations of the same memory.
public struct Candidate: Sendable {
  /// What it emitted.
  public let text: String
  let state: ReasoningState

  /// Whether the budget ended it.
  public var isCutShort: Bool { state.finishReason == .budget }
}

extension ReasoningState {
  /// Continues this memory several times by the same stages; what comes out are the candidates.
  ///
  /// Rows that wait are read before, and so only once. The branches run side by side with random
  /// numbers of their own. Under a budget they run one after the other, up to the first that it
  /// cuts short, so that what each may spend does not depend on timing.
  /// - Throws: what the first branch that fails throws; ``BudgetExhausted`` when nothing is left
  ///   for rows that wait.
  public mutating func branch(count: Int, through stages: [PipelineStage]) async throws {
    if memoryCount < rowCount {
      try await model.network.scheduler.withSequence { _ = try await hidden() }
    }
    let origin = self
    if runtime.budget == Budget() {
      candidates = try await origin.candidatesSideBySide(count, stages)
      for (number, candidate) in candidates.enumerated() {
        runtime.absorb(candidate.state.runtime, number: number)
      }
    } else {
      candidates = []
      for number in 0..<count {
        let candidate = try await origin.candidate(number, stages)
        runtime.absorb(candidate.state.runtime, number: number)
        candidates.append(candidate)
        if candidate.isCutShort { break }
      }
    }
  }

  /// Goes on as this candidate, in the running stage; the others are forgotten.
  public mutating func become(_ candidate: Candidate) {
    var chosen = candidate.state
    chosen.runtime = runtime
    chosen.stageName = stageName
    chosen.stageIndex = stageIndex
    chosen.invocation = invocation
    chosen.sequence.charge(to: runtime.root.ledger)
    for candidate in candidates { runtime.retire(candidate.state.sequence.memory) }
    self = chosen
  }

  private func candidatesSideBySide(
    _ count: Int, _ stages: [PipelineStage]
  ) async throws -> [Candidate] {
    let results = await withTaskGroup(of: Outcome.self) { group in
      for number in 0..<count {
        group.addTask {
          do {
            return Outcome(number: number, result: .success(try await candidate(number, stages)))
          } catch {
            return Outcome(number: number, result: .failure(error))
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.number] = $1.result }
    }
    return try (0..<count).compactMap { try results[$0]?.get() }
  }

  /// How a branch ended: a type, because optimised Swift 6.3 loses results that are tuples.
  private struct Outcome {
    let number: Int
    let result: Result<Candidate, any Error>
  }

  private func candidate(_ number: Int, _ stages: [PipelineStage]) async throws -> Candidate {
    var random = randomStream(step: number)
    let left = remainingBudget
    var branch = self
    branch.runtime = runtime.branch(
      seed: random.bits() >> 11,
      budget: Budget(positions: left.positions, tokens: left.tokens))
    branch.sequence.charge(to: branch.runtime.root.ledger)
    branch.candidates = []
    branch.invocation = 0
    branch.finishReason = nil
    do {
      try await branch.run(stages)
    } catch is BudgetExhausted {
      branch.finishReason = .budget
    }
    var ended = branch
    try ended.endText()
    let emitted = String(ended.text.utf8.dropFirst(text.utf8.count)) ?? ""
    return Candidate(text: emitted, state: branch)
  }
}
