import OrderedCollections
import TacitFault
import TacitJSON

/// What a GGUF file says about text.
public struct EmbeddedText: Sendable {
  /// The GGUF file.
  public let path: String
  /// The Jinja source of `tokenizer.chat_template`.
  public let chatTemplate: String?
  private let metadata: [String: GGUFValue]

  init(_ gguf: GGUFFile) {
    path = gguf.file.path
    metadata = gguf.metadata.filter { $0.key.hasPrefix("tokenizer.") }
    if case .string(let template)? = metadata["tokenizer.chat_template"] {
      chatTemplate = template
    } else {
      chatTemplate = nil
    }
  }

  /// Splits of text before pairs of bytes are joined, by the names that llama.cpp gives them.
  private enum Split: String, CaseIterable {
    case gpt2 = "gpt-2"
    case qwen2
    case llama3 = "llama-bpe"
    /// As gpt-2, with every digit by itself.
    case digits = "smollm"

    /// Other names of the same splits.
    private static let aliases: [String: Split] = [
      "deepseek-r1-qwen": .qwen2, "megrez": .qwen2, "hunyuan": .qwen2,
      "llama3": .llama3, "llama-v3": .llama3, "falcon3": .llama3, "falcon-h1": .llama3,
      "pixtral": .llama3, "lfm2": .llama3,
      "phi-2": .gpt2, "jina-es": .gpt2, "jina-de": .gpt2, "gigachat": .gpt2,
      "jina-v2-es": .gpt2, "jina-v2-de": .gpt2, "a.x-4.0": .gpt2, "mellum": .gpt2,
      "starcoder": .digits, "refact": .digits, "command-r": .digits, "codeshell": .digits,
      "exaone": .digits, "minerva-7b": .digits,
    ]

    /// The split of a name or of another name for it.
    init?(named name: String) {
      guard let split = Split(rawValue: name) ?? Self.aliases[name] else { return nil }
      self = split
    }

    /// Matches words, single or up to three digits, signs and white space, from left to right.
    private static func pattern(digits: String) -> String {
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    var preTokenizer: JSON {
      let bytes: JSON = [
        "type": "ByteLevel", "add_prefix_space": false,
        "use_regex": .boolean(self == .gpt2 || self == .digits),
      ]
      if self == .gpt2 { return bytes }
      if self == .digits {
        let digits: JSON = ["type": "Digits", "individual_digits": true]
        return ["type": "Sequence", "pretokenizers": [digits, bytes]]
      }
      let pattern = Self.pattern(digits: self == .llama3 ? "{1,3}" : "")
      let split: JSON = [
        "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated",
        "invert": false,
      ]
      return ["type": "Sequence", "pretokenizers": [split, bytes]]
    }
  }

  /// The kinds of tokens that matter here.
  private enum Kind { static let control = 3, userDefined = 4 }

  /// A tokenizer.json of the metadata, and a tokenizer_config.json with its special tokens.
  ///
  /// - Throws: ``Fault`` for a tokenizer of another kind, whose tokenizer.json belongs
  ///   beside the file.
  public func tokenizerFiles() throws(Fault) -> (
    tokenizer: [UInt8], configuration: JSON
  ) {
    guard try string("model") == "gpt2" else {
      throw fault("model", "gpt2 (byte-pair encoding)", try string("model"))
    }
    guard let split = Split(named: try string("pre")) else {
      let known = Split.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("pre", "one of \(known)", try string("pre"))
    }
    let tokens = try strings("tokens")
    let kinds = try kinds(count: tokens.count)
    let first = try addsFirstToken(split) ? try token("bos_token_id", tokens) : nil
    let last = try flag("add_eos_token") == true ? try token("eos_token_id", tokens) : nil
    var added: [JSON] = []
    for (id, kind) in kinds.enumerated() where kind == Kind.control || kind == Kind.userDefined {
      added.append([
        "id": .integer(id), "content": .string(tokens[id]),
        "special": .boolean(kind == Kind.control), "normalized": false,
      ])
    }
    let template = Self.template(first: first, last: last)
    let tree: JSON = [
      "added_tokens": .array(added),
      "normalizer": split == .qwen2 ? ["type": "NFC"] : .null,
      "pre_tokenizer": split.preTokenizer,
      "post_processor": template,
      "decoder": ["type": "ByteLevel"],
    ]
    var vocabulary: [UInt8] = []
    // Special tokens, too: they keep the ids that they have here.
    for (id, text) in tokens.enumerated() {
      vocabulary += (vocabulary.isEmpty ? "" : ",").utf8 + Self.quoted(text) + ":\(id)".utf8
    }
    var merges: [UInt8] = []
    for merge in try strings("merges") {
      merges += (merges.isEmpty ? "" : ",").utf8 + Self.quoted(merge)
    }
    let model =
      Array("\"model\":{\"type\":\"BPE\",\"ignore_merges\":\(split == .llama3),\"vocab\":{".utf8)
      + vocabulary + Array("},\"merges\":[".utf8) + merges + Array("]}}".utf8)
    let rest = Array(try text(of: tree).utf8.dropLast()) + Array(",".utf8)
    return (rest + model, try configuration(tokens))
  }

  private func configuration(_ tokens: [String]) throws(Fault) -> JSON {
    var configuration: JSON = [:]
    for (key, role) in [("bos_token_id", "bos_token"), ("eos_token_id", "eos_token")]
    where metadata["tokenizer.ggml." + key] != nil {
      guard case .object(var members) = configuration else { continue }
      members[role] = .string(try token(key, tokens).text)
      configuration = .object(members)
    }
    return configuration
  }

  /// What is put around every text; null where nothing is.
  private static func template(
    first: (id: Int, text: String)?, last: (id: Int, text: String)?
  ) -> JSON {
    guard first != nil || last != nil else { return .null }
    func part(_ token: (id: Int, text: String)?) -> [JSON] {
      token.map { [["SpecialToken": ["id": .string($0.text)]]] } ?? []
    }
    var tokens: OrderedDictionary<String, JSON> = [:]
    for case let token? in [first, last] {
      tokens[token.text] = ["id": .string(token.text), "ids": [.integer(token.id)]]
    }
    return [
      "type": "TemplateProcessing",
      "single": .array(part(first) + [["Sequence": ["id": "A"]]] + part(last)),
      "special_tokens": .object(tokens),
    ]
  }

  /// Llama 3 begins every text with a token unless its file says otherwise.
  private func addsFirstToken(_ split: Split) throws(Fault) -> Bool {
    try flag("add_bos_token") ?? (split == .llama3)
  }

  private func flag(_ key: String) throws(Fault) -> Bool? {
    switch metadata["tokenizer.ggml." + key] {
    case nil: nil
    case .boolean(let value): value
    case .some(let other): throw fault(key, "true or false", other.text)
    }
  }

  /// The tokens by id; nil where the file lists none.
  public var tokens: [String]? { try? strings("tokens") }

  private func token(
    _ key: String, _ tokens: [String]
  ) throws(Fault) -> (id: Int, text: String) {
    guard case .integer(let id)? = metadata["tokenizer.ggml." + key], tokens.indices.contains(id)
    else {
      let found = metadata["tokenizer.ggml." + key]?.text ?? "none"
      throw fault(key, "an id below \(tokens.count)", found)
    }
    return (id, tokens[id])
  }

  private func kinds(count: Int) throws(Fault) -> [Int] {
    guard let value = metadata["tokenizer.ggml.token_type"] else {
      return Array(repeating: 1, count: count)
    }
    guard case .array(let values) = value, values.count == count else {
      throw fault("token_type", "\(count) integers", value.text)
    }
    return values.map { if case .integer(let kind) = $0 { kind } else { 1 } }
  }

  private func string(_ key: String) throws(Fault) -> String {
    guard case .string(let text)? = metadata["tokenizer.ggml." + key] else {
      throw fault(key, "a string", metadata["tokenizer.ggml." + key]?.text ?? "none")
    }
    return text
  }

  private func strings(_ key: String) throws(Fault) -> [String] {
    guard case .array(let values)? = metadata["tokenizer.ggml." + key] else {
      throw fault(key, "an array", metadata["tokenizer.ggml." + key]?.text ?? "none")
    }
    var texts: [String] = []
    for value in values {
      guard case .string(let text) = value else { throw fault(key, "strings", value.text) }
      texts.append(text)
    }
    return texts
  }

  private func text(of json: JSON) throws(Fault) -> String {
    do {
      return try json.text()
    } catch {
      throw fault("tokens", "text", error.description)
    }
  }

  /// A JSON string; unlike keys of a tree it may equal others as Unicode text.
  private static func quoted(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = [0x22]
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: bytes += [0x5C, byte]
      case ..<0x20:
        bytes += Array("\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    return bytes + [0x22]
  }

  private func fault(_ key: String, _ expected: String, _ found: String) -> Fault {
    Fault(
      path, "metadata 'tokenizer.ggml.\(key)'", expected: expected, found: found,
      hint: "keep the model's tokenizer.json beside the file")
  }
}
