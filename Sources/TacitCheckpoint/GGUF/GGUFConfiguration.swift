import OrderedCollections
import TacitFault
import TacitJSON

/// The metadata of a GGUF file in the terms of config.json.
struct GGUFConfiguration {
  private let gguf: GGUFFile
  /// The family that the file names.
  let family: GGUFFamily

  /// - Throws: ``Fault`` for a family that is none of `families`, and for a file that is
  ///   one of several.
  init(_ gguf: GGUFFile, families: [GGUFFamily]) throws(Fault) {
    self.gguf = gguf
    guard case .string(let name)? = gguf.metadata["general.architecture"],
      let family = families.first(where: { $0.name == name })
    else {
      throw Fault(
        gguf.file.path, "metadata 'general.architecture'",
        expected: "one of \(families.map(\.name).joined(separator: ", "))",
        found: gguf.metadata["general.architecture"]?.text ?? "none")
    }
    self.family = family
    if case .integer(let experts)? = gguf.metadata["\(name).expert_count"], experts > 0 {
      throw Fault(
        gguf.file.path, "metadata '\(name).expert_count'", expected: "a dense model",
        found: "a mixture of \(experts) experts")
    }
    if case .integer(let parts)? = gguf.metadata["split.count"], parts > 1 {
      throw Fault(
        gguf.file.path, "metadata 'split.count'", expected: "1", found: "\(parts)",
        hint: "join the parts with llama-gguf-split --merge")
    }
  }

  /// Keys as Hugging Face spells them; those that the file lacks are left out.
  func members() throws(Fault) -> OrderedDictionary<String, JSON> {
    var members: OrderedDictionary<String, JSON> = ["model_type": .string(family.name)]
    for (key, name) in family.keys {
      if let value = try number(key) { members[name] = value }
    }
    members["vocab_size"] = (gguf.entries["token_embd.weight"]?.shape.last).map { .integer($0) }
    members["tie_word_embeddings"] = .boolean(gguf.entries["output.weight"] == nil)
    for (key, part) in [("attention_bias", "attn_q"), ("mlp_bias", "ffn_gate")]
    where family.names.hasPart(part) {
      members[key] = .boolean(gguf.entries["blk.0.\(part).bias"] != nil)
    }
    if family.rotates { members["rope_parameters"] = .object(try rotary()) }
    return members
  }

  /// The ids that end a text or a turn, as llama.cpp has them: those of the metadata, and control
  /// tokens with the names that chat formats give to ends.
  var endOfSequence: OrderedDictionary<String, JSON> {
    var ids: Set<Int> = []
    for role in ["eos", "eot", "eom"] {
      if case .integer(let id)? = gguf.metadata["tokenizer.ggml.\(role)_token_id"] {
        ids.insert(id)
      }
    }
    if case .array(let tokens)? = gguf.metadata["tokenizer.ggml.tokens"],
      case .array(let kinds)? = gguf.metadata["tokenizer.ggml.token_type"]
    {
      for (id, (token, kind)) in zip(tokens, kinds).enumerated() {
        guard case .string(let text) = token, case .integer(3) = kind else { continue }
        if Self.endNames.contains(text) { ids.insert(id) }
      }
    }
    return ids.isEmpty ? [:] : ["eos_token_id": .array(ids.sorted().map { .integer($0) })]
  }

  private static let endNames: Set<String> = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>",
    "<|endoftext|>", "<|eom_id|>", "<EOT>", "_<EOT>", "<|end_of_text|>", "<end_of_utterance>",
  ]

  /// The numbers of query and of key heads whose rows the file orders otherwise; nil where it has
  /// the order of Hugging Face.
  func interleavedHeads() throws(Fault) -> (query: Int, key: Int)? {
    guard family.interleavesRows else { return nil }
    let heads = try number("attention.head_count")?.integer ?? 0
    return (heads, try number("attention.head_count_kv")?.integer ?? heads)
  }

  /// Frequencies of Llama 3 are stored as divisors, in the tensor `rope_freqs.weight`.
  private func rotary() throws(Fault) -> OrderedDictionary<String, JSON> {
    let heads = try number("attention.head_count")?.integer ?? 0
    let width = try number("embedding_length")?.integer ?? 0
    let headSize =
      try number("attention.key_length")?.integer ?? (heads > 0 ? width / heads : 0)
    if let rotated = try number("rope.dimension_count"), rotated.integer != headSize {
      throw fault("rope.dimension_count", "\(headSize), the size of a head", rotated)
    }
    var rotary: OrderedDictionary<String, JSON> = ["rope_type": "default"]
    rotary["rope_theta"] = try number("rope.freq_base")
    if case .string(let type)? = gguf.metadata["\(family.name).rope.scaling.type"], type != "none" {
      rotary["rope_type"] = .string(type)
      rotary["factor"] = try number("rope.scaling.factor")
    }
    guard let divisors = gguf.entries["rope_freqs.weight"] else { return rotary }
    guard divisors.type == .float32, rotary["rope_type"]?.string == "default" else {
      throw Fault(
        gguf.file.path, "tensor 'rope_freqs.weight'", expected: "F32 and no other scaling",
        found: divisors.type.name)
    }
    rotary["rope_type"] = "divisors"
    rotary["divisors"] = .array(
      (0..<divisors.byteRange.count / 4).map { index in
        let offset = divisors.byteRange.lowerBound + 4 * index
        let bits = gguf.file.bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return .number(Double(Float(bitPattern: UInt32(littleEndian: bits))))
      })
    return rotary
  }

  private func number(_ key: String) throws(Fault) -> JSON? {
    switch gguf.metadata["\(family.name).\(key)"] {
    case nil: return nil
    case .integer(let value): return .integer(value)
    case .number(let value) where value.isFinite: return .number(value)
    case .some(let other): throw fault(key, "a number", .string(other.text))
    }
  }

  private func fault(_ key: String, _ expected: String, _ found: JSON) -> Fault {
    Fault(
      gguf.file.path, "metadata '\(family.name).\(key)'", expected: expected,
      found: found.string ?? (try? found.text()) ?? found.kind)
  }
}
