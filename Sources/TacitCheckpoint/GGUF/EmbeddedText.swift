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

    /// Matches words, single or up to three digits, signs and white space, from left to right.
    private static func pattern(digits: String) -> String {
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    var preTokenizer: JSON {
      let bytes: JSON = [
        "type": "ByteLevel", "add_prefix_space": false, "use_regex": .boolean(self == .gpt2),
      ]
      guard self != .gpt2 else { return bytes }
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
    guard let split = Split(rawValue: try string("pre")) else {
      let known = Split.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("pre", "one of \(known)", try string("pre"))
    }
    let tokens = try strings("tokens")
    let kinds = try kinds(count: tokens.count)
    let first = try addsFirstToken(split) ? try token("bos_token_id", tokens) : nil
    var added: [JSON] = []
    for (id, kind) in kinds.enumerated() where kind == Kind.control || kind == Kind.userDefined {
      added.append([
        "id": .integer(id), "content": .string(tokens[id]),
        "special": .boolean(kind == Kind.control), "normalized": false,
      ])
    }
    let template: JSON? = first.map { Self.template(first: $0.text, id: $0.id) }
    let tree: JSON = [
      "added_tokens": .array(added),
      "normalizer": split == .qwen2 ? ["type": "NFC"] : .null,
      "pre_tokenizer": split.preTokenizer,
      "post_processor": template ?? .null,
      "decoder": ["type": "ByteLevel"],
    ]
    var vocabulary: [UInt8] = []
    for (id, text) in tokens.enumerated()
    where kinds[id] != Kind.control && kinds[id] != Kind.userDefined {
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

  private static func template(first: String, id: Int) -> JSON {
    [
      "type": "TemplateProcessing",
      "single": [["SpecialToken": ["id": .string(first)]], ["Sequence": ["id": "A"]]],
      "special_tokens": .object([first: ["id": .string(first), "ids": [.integer(id)]]]),
    ]
  }

  /// Llama 3 begins every text with a token unless its file says otherwise.
  private func addsFirstToken(_ split: Split) throws(Fault) -> Bool {
    switch metadata["tokenizer.ggml.add_bos_token"] {
    case nil: split == .llama3
    case .boolean(let value): value
    case .some(let other): throw fault("add_bos_token", "true or false", other.text)
    }
  }

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
