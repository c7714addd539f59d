import TacitJSON

/// "R is a T.", as a ProsQA answer claims it.
struct ProsQAClaim: Equatable {
  var subject: String
  var symbol: String

  init(subject: String, symbol: String) {
    self.subject = subject
    self.symbol = symbol
  }

  /// Reads "R is a T.", or "R T ." as tokenizers print it that delete the words between.
  init?(_ text: String) {
    var words = prosQAWords(text)
    if words.last == "." { words.removeLast() }
    guard words.count == 2, words[0] != ".", words[1] != "." else { return nil }
    (subject, symbol) = (words[0], words[1])
  }

  var sentence: String { "\(subject) is a \(symbol)." }
}

/// The words of a sentence without "Every", "Is", "is a" and "?"; a full stop is a word.
private func prosQAWords(_ text: String) -> [String] {
  var words: [String] = []
  var word = String.UnicodeScalarView()
  func end() {
    guard !word.isEmpty else { return }
    let text = String(word)
    word = String.UnicodeScalarView()
    if text == "Every" || text == "Is" { return }
    if text == "a" || text == "an", words.last == "is" {
      words.removeLast()
    } else {
      words.append(text)
    }
  }
  for scalar in text.unicodeScalars {
    switch scalar {
    case ".":
      end()
      words.append(".")
    case "?", " ": end()
    default:
      if scalar.properties.isWhitespace { end() } else { word.append(scalar) }
    }
  }
  end()
  return words
}

/// ProsQA by the rule of the Coconut authors' code: what follows the last `#` equals the answer.
///
/// Commas are dropped and both sides are compared as the embedded model's tokenizer prints them,
/// so that "Tom lempus ." equals "Tom is a lempus.". A text without `#` is an answer as a whole.
public struct ProsQANativeScorer: Scorer {
  /// "native".
  public static let name = "native"
  /// What counts as the answer.
  public static let rule = "what follows the last #, equal word by word"

  /// Makes the scorer.
  public init() {}

  /// What follows the last `#`, without commas; nil only when that is nothing.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let tail = completion.lastIndex(of: "#").map { completion[completion.index(after: $0)...] }
    let answer = trimmed((tail ?? completion[...]).filter { $0 != "," })
    return answer.isEmpty ? nil : answer
  }

  /// Whether both say the same words.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    prosQAWords(answer) == prosQAWords(sample.target)
  }
}

/// ProsQA by candidates: only "R is a T." about the root and one of the two candidates counts.
///
/// It must be all that follows the last `###`, or the whole text where there is no `###`.
public struct ProsQAStrictScorer: Scorer {
  /// "strict".
  public static let name = "strict"
  /// What counts as the answer.
  public static let rule =
    "\"R is a T.\" about the root and one of the candidates, after the last ###"

  /// Makes the scorer.
  public init() {}

  /// The claim as a sentence, or nil when it names neither candidate or is about something else.
  public func extract(_ completion: String, for sample: EvaluationSample) -> String? {
    let spoken = afterThinking(completion)
    guard let claim = ProsQAClaim(String(afterLastMark(spoken) ?? spoken)),
      claim.subject == sample.extra["root"]?.string,
      candidates(of: sample).contains(claim.symbol)
    else { return nil }
    return claim.sentence
  }

  /// Whether the claim is the target.
  public func isCorrect(_ answer: String, for sample: EvaluationSample) -> Bool {
    ProsQAClaim(answer) == ProsQAClaim(sample.target)
  }

  /// The root and two candidates are needed.
  public func problem(with sample: EvaluationSample) -> String? {
    sample.extra["root"]?.string != nil && candidates(of: sample).count == 2
      ? nil : "'root' and two 'candidates'"
  }

  private func candidates(of sample: EvaluationSample) -> [String] {
    sample.extra["candidates"]?.array?.compactMap(\.string) ?? []
  }
}
