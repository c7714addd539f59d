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
  /// As in transformers the configuration decides where both describe a token, tokens that it gives
  /// a role are special, and ids are those that tokens get when they are added in this order,
  /// whatever the files say.
  /// - Throws: ``Fault`` for an entry that describes no token.
  func addedTokens(
    in root: TokenizerNode, _ vocabulary: Vocabulary
  ) throws(Fault) -> [AddedTokens.Token] {
    var list = AddedTokenList(vocabulary)
    for entry in try root["added_tokens"]?.elements() ?? [] { try list.add(entry) }
    if let table = node["added_tokens_decoder"] {
      let keys = table.value.object?.keys.map { $0 } ?? []
      for key in keys.sorted(by: { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }) {
        if let entry = table[key] { try list.add(entry) }
      }
    }
    for name in try specialTokens() { list.addSpecial(Array(name.utf8)) }
    return list.tokens
  }

  /// Tokens that have a role, and others that are named as special: in a list, or in an object by
  /// the roles that a family gives them.
  private func specialTokens() throws(Fault) -> [String] {
    var names: [String] = []
    for role in [
      "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ] {
      if let name = try token(role) { names.append(name) }
    }
    for key in ["additional_special_tokens", "extra_special_tokens"] {
      guard let more = node[key] else { continue }
      if let members = more.value.object {
        for role in members.keys {
          if let name = more[role] { names.append(try content(of: name)) }
        }
      } else {
        for name in try more.elements() { names.append(try content(of: name)) }
      }
    }
    return names
  }
}

private struct AddedTokenList {
  private let vocabulary: Vocabulary
  private(set) var tokens: [AddedTokens.Token] = []
  private var indicesByContent: [[UInt8]: Int] = [:]
  private var highestID: Int?

  init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  mutating func add(_ entry: TokenizerNode) throws(Fault) {
    let content = try entry.required("content", "a string").nonEmptyString()
    let isSpecial = try entry.boolean("special", default: false)
    let token = AddedTokens.Token(
      id: id(of: content), content: content, isSpecial: isSpecial,
      isNormalized: try entry.boolean("normalized", default: !isSpecial),
      stripsLeft: try entry.boolean("lstrip", default: false),
      stripsRight: try entry.boolean("rstrip", default: false),
      isSingleWord: try entry.boolean("single_word", default: false))
    if let index = indicesByContent[content] {
      tokens[index] = token
    } else {
      append(token)
    }
  }

  /// Adds a special token unless it has been described.
  mutating func addSpecial(_ content: [UInt8]) {
    guard !content.isEmpty, indicesByContent[content] == nil else { return }
    append(
      AddedTokens.Token(
        id: id(of: content), content: content, isSpecial: true, isNormalized: false,
        stripsLeft: false, stripsRight: false, isSingleWord: false))
  }

  /// The id that a token has, or gets: the first behind all others.
  private func id(of content: [UInt8]) -> Int {
    if let index = indicesByContent[content] { return tokens[index].id }
    if let id = vocabulary.id(of: content) { return Int(id) }
    return max(vocabulary.count, (highestID ?? -1) + 1)
  }

  private mutating func append(_ token: AddedTokens.Token) {
    indicesByContent[token.content] = tokens.count
    highestID = max(highestID ?? 0, token.id)
    tokens.append(token)
  }
}
