import TacitFault
import TacitJSON

/// What a tokenizer_config.json says about tokens.
struct TokenizerConfiguration {
  private let node: TokenizerNode

  init(_ value: JSON, path: String) {
    node = TokenizerNode(value: value, path: path, keyPath: "tokenizer_config")
  }

  /// The token in a role such as `eos_token`: a string, or an object with its content.
  func token(_ role: String) throws(Fault) -> String? {
    try node[role].map { node throws(Fault) in try content(of: node) }
  }

  private func content(of node: TokenizerNode) throws(Fault) -> String {
    try (node.value.object == nil ? node : node.required("content", "a token")).string()
  }

  /// The tokens that tokenizer.json adds to its model, then those that only the configuration has.
  ///
  /// As in transformers the configuration decides where both describe a token, and tokens of
  /// the model that it gives a role are special.
  /// - Throws: ``Fault`` when two tokens claim one id or one token two.
  func addedTokens(
    in root: TokenizerNode, _ vocabulary: Vocabulary
  ) throws(Fault) -> [AddedTokens.Token] {
    var list = AddedTokenList(vocabulary)
    for entry in try root["added_tokens"]?.elements() ?? [] {
      try list.add(entry, id: entry.required("id", "an id"))
    }
    if let table = node["added_tokens_decoder"] {
      for key in table.value.object?.keys ?? [] {
        guard let entry = table[key] else { continue }
        let id = TokenizerNode(
          value: Int(key).map { .integer($0) } ?? .string(key), path: entry.path,
          keyPath: entry.keyPath)
        try list.add(entry, id: id)
      }
    }
    var names: [String] = []
    for role in ["bos_token", "eos_token", "unk_token", "pad_token"] {
      if let name = try token(role) { names.append(name) }
    }
    for name in try node["additional_special_tokens"]?.elements() ?? [] {
      names.append(try content(of: name))
    }
    for name in names { list.addSpecial(Array(name.utf8)) }
    return list.tokens
  }
}

private struct AddedTokenList {
  private let vocabulary: Vocabulary
  private(set) var tokens: [AddedTokens.Token] = []
  private var indicesByContent: [[UInt8]: Int] = [:]
  private var indicesByID: [Int: Int] = [:]

  init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  mutating func add(_ entry: TokenizerNode, id: TokenizerNode) throws(Fault) {
    let content = try entry.required("content", "a string").nonEmptyString()
    let isSpecial = try entry.boolean("special", default: false)
    let token = AddedTokens.Token(
      id: try id.integer(in: 0..<Vocabulary.idBound), content: content, isSpecial: isSpecial,
      isNormalized: try entry.boolean("normalized", default: !isSpecial),
      stripsLeft: try entry.boolean("lstrip", default: false),
      stripsRight: try entry.boolean("rstrip", default: false),
      isSingleWord: try entry.boolean("single_word", default: false))
    let known = indicesByContent[content].map { tokens[$0].id }
    let named = known ?? vocabulary.id(of: content).map { Int($0) }
    guard named == nil || named == token.id else {
      throw id.error(expected: "the id \(named ?? -1), which the token has elsewhere")
    }
    if let index = indicesByContent[content] {
      tokens[index] = token
      return
    }
    let owner =
      indicesByID[token.id].map { tokens[$0].content } ?? vocabulary.token(token.id).map(Array.init)
    guard owner == nil || owner == content else {
      throw id.error(
        expected: "an id of its own",
        found: "\(token.id), the id of \"\(String(decoding: owner ?? [], as: UTF8.self))\"")
    }
    append(token)
  }

  /// Makes a token of the vocabulary special unless it has been described.
  mutating func addSpecial(_ content: [UInt8]) {
    guard indicesByContent[content] == nil, let id = vocabulary.id(of: content) else { return }
    append(
      AddedTokens.Token(
        id: Int(id), content: content, isSpecial: true, isNormalized: false, stripsLeft: false,
        stripsRight: false, isSingleWord: false))
  }

  private mutating func append(_ token: AddedTokens.Token) {
    indicesByContent[token.content] = tokens.count
    indicesByID[token.id] = tokens.count
    tokens.append(token)
  }
}
