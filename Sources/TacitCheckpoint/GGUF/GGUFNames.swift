/// What the tensors of Hugging Face checkpoints are called in GGUF files.
enum GGUFNames {
  private static let whole = [
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight", "wte.weight": "token_embd.weight",
    "wpe.weight": "position_embd.weight", "ln_f.weight": "output_norm.weight",
    "ln_f.bias": "output_norm.bias",
  ]
  private static let ofLayers = [
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "ln_1": "attn_norm", "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
  ]

  /// The name of a tensor in a GGUF file; nil for one that none of the families has.
  static func name(of tensor: String) -> String? {
    if let name = whole[tensor] { return name }
    let rest = tensor.hasPrefix("model.layers.") ? tensor.dropFirst(13) : tensor.dropFirst(2)
    guard tensor.hasPrefix("model.layers.") || tensor.hasPrefix("h."),
      let first = rest.firstIndex(of: "."), let last = rest.lastIndex(of: "."), first < last,
      let part = ofLayers[String(rest[rest.index(after: first)..<last])]
    else { return nil }
    return "blk.\(rest[..<first]).\(part)\(rest[last...])"
  }
}
