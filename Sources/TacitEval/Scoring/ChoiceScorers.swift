import TacitJSON

/// Multiple choice by the rule of GPQA's own code: the first letter in parentheses, after "answer
/// is" if there is one.
///
/// Source: Rein et al. 2023, arXiv:2311.12022. The forms "answer is (X)", "Answer: (X)", "answer:
/// (X)", "answer (X)" and "(X)" are tried in this order; of each only the first place counts.
public struct ChoiceNativeScorer: Scorer {
  /// "native".
  public static let name = "native"
  /// What counts as the answer.
  public static let rule = "the first \"answer is (X)\", \"Answer: (X)\", \"answer (X)\" or \"(X)\""

  /// Makes the scorer.
  public init() {}

  /// The letter.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let labels = sample.choiceLabels
    for form in ["answer is (", "Answer: (", "answer: (", "answer (", "("] {
      let letters = completion.ranges(of: form).lazy.compactMap { place -> String? in
        let inside = completion[place.upperBound...]
        guard inside.dropFirst().first == ")", inside.first?.isNewline == false else { return nil }
        return String(inside.prefix(1))
      }
      if let letter = letters.first, labels.contains(letter) { return letter }
    }
    return nil
  }

  /// Whether it is the target's letter.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == sample.target
  }

  /// The target must be one of the letters.
  public func problem(with sample: EvaluationSample) -> String? { sample.choiceProblem }
}

/// Multiple choice by what the completion settles on: a letter, or the text of just one choice.
///
/// Looked at in this order: the last box, the line after the last "answer is" or "answer:", what
/// follows the last `###`, then everything after the thinking. Each part gives the letter that it
/// begins with, or the only choice whose text it holds. Everything also gives the only letter in
/// parentheses; it begins with a letter only in the forms "B", "B.", "B)", "(B)" and "B:".
public struct ChoiceStrictScorer: Scorer {
  /// "strict".
  public static let name = "strict"
  /// What counts as the answer.
  public static let rule =
    "a letter or the text of one choice: in the box, after \"answer is\", after ###, or at all"

  /// Makes the scorer.
  public init() {}

  /// The letter.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let statements = AnswerStatements(in: completion)
    let labels = sample.choiceLabels
    let choices = sample.choices.map(plainWords)
    for part in statements.marked {
      if let label = leadingLabel(of: part, among: labels, beforeProse: true)
        ?? onlyChoice(in: part, of: choices).map({ labels[$0] })
      {
        return label
      }
    }
    return leadingLabel(of: statements.whole, among: labels, beforeProse: false)
      ?? onlyLabelInParentheses(in: statements.whole, among: labels)
      ?? onlyChoice(in: statements.whole, of: choices).map { labels[$0] }
  }

  /// Whether it is the target's letter.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    answer == sample.target
  }

  /// The target must be one of the letters.
  public func problem(with sample: EvaluationSample) -> String? { sample.choiceProblem }
}

/// The first letters of the alphabet, one per choice, at most 26.
func choiceLetters(_ count: Int) -> [String] {
  (0..<min(count, 26)).map { String(UnicodeScalar(UInt8(ascii: "A") + UInt8($0))) }
}

extension EvaluationSample {
  /// Texts of the choices that have a letter, where the dataset has texts.
  fileprivate var choices: [String] {
    (extra["choices"]?.array?.compactMap(\.string) ?? []).prefix(26).map(\.self)
  }

  /// A letter per choice; A to E where the dataset has no texts.
  fileprivate var choiceLabels: [String] {
    choiceLetters(choices.isEmpty ? 5 : choices.count)
  }

  fileprivate var choiceProblem: String? {
    choiceLabels.contains(target)
      ? nil : "one of the letters \(choiceLabels.joined(separator: ", ")) as the target"
  }
}

/// The letter that a text begins with, as "B", "(b)", "**B**", "\text{B}", "option B" or "B.", and
/// before prose also as in "B because".
private func leadingLabel(
  of text: String, among labels: [String], beforeProse: Bool
) -> String? {
  var rest = text[...]
  let openings = ["**", "\\text{", "\\textbf{", "option ", "Option ", "choice ", "Choice "]
  for opening in openings where rest.hasPrefix(opening) { rest = rest.dropFirst(opening.count) }
  rest = rest.drop { $0 == "*" || $0 == "$" }
  let isInParentheses = rest.first == "("
  if isInParentheses { rest = rest.dropFirst() }
  guard let letter = rest.first else { return nil }
  let label = letter.uppercased()
  let following = rest.dropFirst()
  let isAlone = !following.contains { $0.isLetter || $0.isNumber }
  let isWritten = labels.contains(String(letter)) || isInParentheses || isAlone
  guard isWritten, labels.contains(label) else { return nil }
  guard let next = following.first else { return label }
  if isInParentheses { return next == ")" ? label : nil }
  let endings: Set<Character> = [".", ")", ":", ",", "*", "}", "$", "\n", "\r\n"]
  let isEnded = endings.contains(next) || beforeProse && next.isWhitespace
  return isEnded ? label : nil
}

private func onlyLabelInParentheses(in text: String, among labels: [String]) -> String? {
  let found = labels.filter { text.contains("(\($0))") }
  return found.count == 1 ? found[0] : nil
}

/// The place of the choice that a text equals, or else of the only one that it holds as words.
private func onlyChoice(in text: String, of choices: [String]) -> Int? {
  let words = plainWords(text)
  let equal = choices.indices.filter { choices[$0] == words }
  if !equal.isEmpty { return equal.count == 1 ? equal[0] : nil }
  let held = choices.indices.filter { !choices[$0].isEmpty && holds(words, choices[$0]) }
  return held.count == 1 ? held[0] : nil
}

/// Lower case, single blanks, and no full stop at the end.
private func plainWords(_ text: String) -> String {
  var words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  if words.last == "." { words.removeLast() }
  return words
}

/// Whether a text contains words that no letter, digit or decimal sign continues.
private func holds(_ text: String, _ words: String) -> Bool {
  func continues(_ characters: some Collection<Character>) -> Bool {
    guard let next = characters.first else { return false }
    let isDecimal = next == "." || next == ","
    return next.isLetter || next.isNumber
      || isDecimal && characters.dropFirst().first?.isNumber == true
  }
  return text.ranges(of: words).contains { place in
    !continues(text[..<place.lowerBound].reversed()) && !continues(text[place.upperBound...])
  }
}
