import TacitFault

/// Decodes token by token and never gives out part of a character.
///
/// The pieces of text joined are what ``Tokenizer/decode(_:skipSpecialTokens:)`` makes of all tokens.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var decoding: Decoding

  init(_ tokenizer: Tokenizer, skipsSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipsSpecialTokens = skipsSpecialTokens
    decoding = Decoding(tokenizer.decoder)
  }

  /// The text that a token completes, which may be empty.
  /// - Throws: ``Fault`` for an id that no token has.
  public mutating func append(_ id: Int) throws(Fault) -> String {
    try add(id)
    return decoding.takeWholeCharacters()
  }

  /// The rest, where bytes that complete no character become U+FFFD; call it once, last.
  /// - Throws: ``Fault`` when a pattern of the tokenizer takes too many steps.
  public mutating func finish() throws(Fault) -> String {
    do throws(Fault) {
      return try decoding.finish()
    } catch {
      throw tokenizer.failure(error, keyPath: "decoder")
    }
  }

  mutating func add(_ id: Int) throws(Fault) {
    guard let token = tokenizer.bytes(of: id) else {
      throw Fault(
        tokenizer.path, expected: "the id of a token, below \(tokenizer.vocabularySize)",
        found: "\(id)")
    }
    if skipsSpecialTokens, tokenizer.isSpecial(id) { return }
    do throws(Fault) {
      try decoding.append(token)
    } catch {
      throw tokenizer.failure(error, keyPath: "decoder")
    }
  }
}
