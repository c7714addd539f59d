import TacitFault
import TacitProblems
import TacitText

/// The token ids that problems are made of.
public struct TrainingVocabulary: Sendable {
  let startLatent, latent, endLatent, startThink, endThink: Int32
  let answer, stop, unknown, article, or, end: Int32
  private let words: [String: Int32]
  /// V: rows of the embedding matrix.
  let size: Int

  /// Looks up all tokens.
  /// - Throws: ``Fault`` for a tokenizer that lacks one of them.
  public init(_ tokenizer: Tokenizer) throws(Fault) {
    func id(_ token: String) throws(Fault) -> Int32 {
      guard let id = tokenizer.tokenID(token) else {
        throw Fault(
          tokenizer.path, expected: "a token '\(token)'", found: "none",
          hint: "ProsQA needs a token per word, as the embedded model 'prosqa' has them")
      }
      return Int32(id)
    }
    startLatent = try id("<|start-latent|>")
    latent = try id("<|latent|>")
    endLatent = try id("<|end-latent|>")
    startThink = try id("<think>")
    endThink = try id("</think>")
    answer = try id("###")
    stop = try id(".")
    unknown = try id("?")
    article = try id("a")
    or = try id("or")
    end = try id(tokenizer.eosToken ?? "<eos>")
    var words: [String: Int32] = [:]
    for word in ProsQAWords.names + ProsQAWords.concepts { words[word] = try id(word) }
    self.words = words
    size = tokenizer.vocabularySize
  }

  /// The id of one of the words of ProsQA.
  func id(of word: String) -> Int32 {
    guard let id = words[word] else { preconditionFailure("'\(word)' is no word of ProsQA") }
    return id
  }
}
