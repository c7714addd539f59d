import TacitFault
import TacitJSON
import TacitReasoning

/// Goes on as the candidate whose answer has most votes.
///
/// Source: self-consistency, Wang et al. 2022, arXiv:2203.11171. A candidate without an answer, or
/// cut short by the budget, has no vote; if none has, the first candidate wins. Of answers with
/// equally many votes the one found first wins, with the first candidate that gave it.
struct VoteStage: Stage {
  static let about = About(
    "Goes on as the candidate whose answer has most votes.", source: "arXiv:2203.11171",
    fidelity: .faithful, requires: [.candidates], provides: [.text])

  @Option("A function from a candidate's text to the weight of its vote, 0 or more; by default 1.")
  var weight: RecipeFunction?

  func run(_ state: inout ReasoningState, in context: StageContext) throws {
    let candidates = state.candidates
    guard !candidates.isEmpty else {
      throw Fault(
        "stage 'vote'", expected: "candidates", found: "none",
        hint: "a stage such as tacit.sample comes before it")
    }
    let answers = candidates.map { $0.isCutShort ? nil : Self.answer(in: $0.text, state) }
    let ballots = try count(answers, of: candidates)
    // The first among equals.
    let winner = ballots.reduce(nil as Ballot?) { best, ballot in
      if let best, best.weight >= ballot.weight { best } else { ballot }
    }
    let chosen = winner?.candidate ?? 0
    state.note([
      "answers": .array(answers.map { $0.map { .string($0) } ?? .null }),
      "votes": .array(ballots.map { [.string($0.answer), .number($0.weight)] }),
      "chosen": .integer(chosen),
    ])
    state.become(candidates[chosen])
    if candidates.contains(where: \.isCutShort) { state.finishReason = .budget }
  }

  private static func answer(in text: String, _ state: ReasoningState) -> String? {
    state.answer(in: text).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
  }

  /// One answer, the first candidate that gave it, and the votes for it.
  private struct Ballot {
    let answer: String
    let candidate: Int
    var weight: Double
  }

  private func count(_ answers: [String?], of candidates: [Candidate]) throws -> [Ballot] {
    var ballots: [Ballot] = []
    for (index, answer) in answers.enumerated() {
      guard let answer else { continue }
      let weight = try weight(of: candidates[index].text)
      if let known = ballots.firstIndex(where: { $0.answer == answer }) {
        ballots[known].weight += weight
      } else {
        ballots.append(Ballot(answer: answer, candidate: index, weight: weight))
      }
    }
    return ballots
  }

  private func weight(of text: String) throws -> Double {
    guard let weight else { return 1 }
    let value = try weight(.string(text))
    let number: Double? =
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    guard let number, number.isFinite, number >= 0 else {
      throw Fault(
        "stage 'vote', option 'weight' (\(weight.identity))", expected: "a number of 0 or more",
        found: number.map { "\($0)" } ?? "another value")
    }
    return number
  }
}
