import TacitJSON
import TacitReasoning

/// Lets the model judge its own answer by yes-or-no questions.
///
/// The weights are those of LatentSeek's released program, arXiv:2505.13308; the questions are ours.
struct SelfVerification: Sendable {
  /// Tokens of a judgement at most.
  let tokenLimit: Int

  private struct Check {
    let name: String
    let weight: Double
    let question: String
  }

  private static let checks = [
    Check(
      name: "understanding", weight: 1,
      question: "Does the solution answer exactly this question, with the facts that it gives?"),
    Check(
      name: "calculation", weight: 2,
      question: "Do every calculation and every conclusion again. Are all of them right?"),
    Check(
      name: "completeness", weight: 2,
      question: "Does the solution take every step that is needed and state a final answer?"),
    Check(
      name: "answer", weight: 1,
      question: "Answer the question on your own. Does the solution end with the same answer?"),
  ]

  /// Minus the weight of what fails over the weight of all, from −1 to 0.
  ///
  /// Not to say yes is to fail. An answer without a final answer is incomplete without being asked.
  /// - Throws: as `ReasoningState.hidden()`.
  func reward(of answer: String, _ state: ReasoningState) async throws -> Double {
    let final = state.answer(in: answer) ?? ""
    var failed: [Check] = []
    for check in Self.checks {
      let isPossible = check.name != "completeness" || !final.allSatisfy(\.isWhitespace)
      if isPossible, try await says(yesTo: check, of: answer, state) { continue }
      failed.append(check)
    }
    state.note(["verification_failed": .array(failed.map { .string($0.name) })])
    let total = Self.checks.reduce(0) { $0 + $1.weight }
    return -failed.reduce(0) { $0 + $1.weight } / total
  }

  private func says(
    yesTo check: Check, of answer: String, _ state: ReasoningState
  ) async throws -> Bool {
    state.note(["verification": .string(check.name)])
    var judge = state.beside()
    let prompt = """
      Here is a question and a solution that somebody proposes.

      Question:
      \(state.question)

      Solution:
      \(answer)

      \(check.question) Answer with one word, yes or no.
      """
    try judge.read(tokenIDs: tokens(of: prompt, state.model))
    let rules = Decoding(sampling: Sampling(), maximumTokens: tokenLimit, streams: false)
    var text = try rules.begin(&judge)
    while text.continues(judge), Self.verdict(in: judge.text) == nil {
      let id = try text.draw(from: try await judge.logits(), judge)
      if text.ends(with: id, &judge) { break }
      try judge.emit(id)
      text.advance(&judge)
    }
    return Self.verdict(in: judge.text + " ") ?? false
  }

  /// The prompt in the model's chat format, or as plain text where it has none.
  private func tokens(of prompt: String, _ model: ReasoningModel) throws -> [Int] {
    guard let template = model.chatTemplate else {
      return try model.tokenizer.encode(prompt + "\n")
    }
    let text = try template.render(
      messages: [["role": "user", "content": .string(prompt)]], addGenerationPrompt: true,
      bosToken: model.tokenizer.bosToken, eosToken: model.tokenizer.eosToken,
      variables: ["enable_thinking": false])
    return try model.tokenizer.encode(text, addSpecialTokens: false)
  }

  /// The first "yes" or "no" as a word of its own that has ended, after what was thought.
  static func verdict(in text: String) -> Bool? {
    var rest = Substring(text)
    if let thought = rest.range(of: "</think>") { rest = rest[thought.upperBound...] }
    let words = rest.split(omittingEmptySubsequences: false) { !$0.isLetter }.dropLast()
    return words.lazy.compactMap { word in
      switch word.lowercased() {
      case "yes": true
      case "no": false
      default: nil
      }
    }.first
  }
}
