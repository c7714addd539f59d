/// Yes or no, true or false: the verdict that the completion settles on.
///
/// The first such word in the last box, in the line after the last "answer is" or "answer:", or
/// after the last `###`; else the word with which everything after the thinking begins or ends,
/// unless beginning and end contradict each other.
public struct YesNoScorer: Scorer {
  /// "yesno".
  public static let name = "yesno"
  /// What counts as the answer.
  public static let rule =
    "yes/true or no/false in the box, after \"answer is\", after ###, or as first or last word"

  /// Makes the scorer.
  public init() {}

  /// "yes" or "no".
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let statements = AnswerStatements(in: completion)
    for part in statements.marked {
      let words = words(of: part)
      if let index = words.firstIndex(where: { verdict($0) != nil }) {
        return verdict(words, at: index)
      }
    }
    let words = words(of: statements.whole)
    guard !words.isEmpty else { return nil }
    let ends = Set([0, words.count - 1].compactMap { verdict(words, at: $0) })
    return ends.count == 1 ? ends.first : nil
  }

  /// Whether it is the target's verdict.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == verdict(sample.target[...])
  }

  /// The target must be yes, no, true or false.
  public func problem(with sample: EvaluationSample) -> String? {
    verdict(sample.target[...]) == nil ? "yes, no, true or false as the target" : nil
  }

  private func words(of text: String) -> [Substring] {
    text.split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }
  }

  /// The verdict of one word among others; "not true" is none.
  private func verdict(_ words: [Substring], at index: Int) -> String? {
    index > 0 && words[index - 1].lowercased() == "not" ? nil : verdict(words[index])
  }

  private func verdict(_ word: Substring) -> String? {
    switch word.lowercased() {
    case "yes", "true": "yes"
    case "no", "false": "no"
    default: nil
    }
  }
}
