import OrderedCollections
import TacitJSON

/// The metadata of a GGUF file in the terms of config.json.
struct GGUFConfiguration {
  private let gguf: GGUFFile
  private let family: String

  /// - Throws: ``CheckpointError`` for an unknown family or a file that is one of several.
  init(_ gguf: GGUFFile) throws(CheckpointError) {
    self.gguf = gguf
    let families = ["llama", "qwen2", "qwen3", "gpt2"]
    guard case .string(let family)? = gguf.metadata["general.architecture"],
      families.contains(family)
    else {
      throw CheckpointError(
        path: gguf.file.path, location: "metadata 'general.architecture'",
        expected: "one of \(families.joined(separator: ", "))",
        found: gguf.metadata["general.architecture"]?.text ?? "none")
    }
    self.family = family
    if case .integer(let parts)? = gguf.metadata["split.count"], parts > 1 {
      throw CheckpointError(
        path: gguf.file.path, location: "metadata 'split.count'", expected: "1",
        found: "\(parts)", hint: "join the parts with llama-gguf-split --merge")
    }
  }

  /// Keys as Hugging Face spells them; those that the file lacks are left out.
  func members() throws(CheckpointError) -> OrderedDictionary<String, JSON> {
    let isGPT2 = family == "gpt2"
    var members: OrderedDictionary<String, JSON> = ["model_type": .string(family)]
    let keys = [
      ("context_length", isGPT2 ? "n_positions" : "max_position_embeddings"),
      ("embedding_length", isGPT2 ? "n_embd" : "hidden_size"),
      ("block_count", isGPT2 ? "n_layer" : "num_hidden_layers"),
      ("feed_forward_length", isGPT2 ? "n_inner" : "intermediate_size"),
      ("attention.head_count", isGPT2 ? "n_head" : "num_attention_heads"),
      ("attention.head_count_kv", "num_key_value_heads"),
      ("attention.key_length", "head_dim"),
      ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
      ("attention.layer_norm_epsilon", "layer_norm_epsilon"),
    ]
    for (key, name) in keys {
      if let value = try number(key) { members[name] = value }
    }
    members["vocab_size"] = (gguf.entries["token_embd.weight"]?.shape.last).map { .integer($0) }
    members["tie_word_embeddings"] = .boolean(gguf.entries["output.weight"] == nil)
    if !isGPT2 {
      members["attention_bias"] = .boolean(gguf.entries["blk.0.attn_q.bias"] != nil)
      members["mlp_bias"] = .boolean(gguf.entries["blk.0.ffn_gate.bias"] != nil)
      members["rope_parameters"] = .object(try rotary(members))
    }
    return members
  }

  /// The id that ends a text.
  var endOfSequence: OrderedDictionary<String, JSON> {
    guard case .integer(let id)? = gguf.metadata["tokenizer.ggml.eos_token_id"] else { return [:] }
    return ["eos_token_id": .integer(id)]
  }

  /// Frequencies of Llama 3 are stored as divisors, in the tensor `rope_freqs.weight`.
  private func rotary(
    _ members: OrderedDictionary<String, JSON>
  ) throws(CheckpointError) -> OrderedDictionary<String, JSON> {
    let heads = members["num_attention_heads"]?.integer ?? 0
    let width = members["hidden_size"]?.integer ?? 0
    let headSize = members["head_dim"]?.integer ?? (heads > 0 ? width / heads : 0)
    if let rotated = try number("rope.dimension_count"), rotated.integer != headSize {
      throw fault("rope.dimension_count", "\(headSize), the size of a head", rotated)
    }
    var rotary: OrderedDictionary<String, JSON> = ["rope_type": "default"]
    rotary["rope_theta"] = try number("rope.freq_base")
    if case .string(let type)? = gguf.metadata["\(family).rope.scaling.type"], type != "none" {
      rotary["rope_type"] = .string(type)
      rotary["factor"] = try number("rope.scaling.factor")
    }
    guard let divisors = gguf.entries["rope_freqs.weight"] else { return rotary }
    guard divisors.type == .float32, rotary["rope_type"]?.string == "default" else {
      throw CheckpointError(
        path: gguf.file.path, location: "tensor 'rope_freqs.weight'",
        expected: "F32 and no other scaling", found: divisors.type.name)
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

  private func number(_ key: String) throws(CheckpointError) -> JSON? {
    switch gguf.metadata["\(family).\(key)"] {
    case nil: return nil
    case .integer(let value): return .integer(value)
    case .number(let value) where value.isFinite: return .number(value)
    case .some(let other): throw fault(key, "a number", .string(other.text))
    }
  }

  private func fault(_ key: String, _ expected: String, _ found: JSON) -> CheckpointError {
    CheckpointError(
      path: gguf.file.path, location: "metadata '\(family).\(key)'", expected: expected,
      found: found.string ?? (try? found.text()) ?? found.kind)
  }
}
