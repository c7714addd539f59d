import TacitFault

/// Turns one piece of text into ids: the `model` of a tokenizer file.
enum TokenModel: Sendable {
  case bytePairs(BytePairModel)
  /// One id per piece; pieces outside the vocabulary become the unknown token.
  case words(unknown: Int32?)

  private static let known = "BPE or WordLevel"

  init(
    _ node: TokenizerNode, _ vocabulary: Vocabulary, merges: ByteStrings?
  ) throws(Fault) {
    // Files of the first versions leave the type of a BPE model out.
    let type = node["type"] == nil && merges != nil ? "BPE" : try node.type(Self.known)
    switch type {
    case "BPE":
      guard let merges else {
        throw node.error(expected: "a member \"merges\"", found: "a BPE model without it")
      }
      self = .bytePairs(try BytePairModel(node, vocabulary, merges: merges))
    case "WordLevel":
      try node.allow("type", "vocab", "unk_token")
      self = .words(unknown: try node["unk_token"].flatMap(vocabulary.id(ofMember:)))
    default: throw try node.required("type", Self.known).error(expected: Self.known)
    }
  }
}

extension Vocabulary {
  /// The id of the token that a member names.
  func id(ofMember node: TokenizerNode) throws(Fault) -> Int32? {
    id(of: try node.string().utf8)
  }
}
