"""Writes small GGUF files from the tiny models beside this folder, and what they should give.

Each file holds one layer and a part of the vocabulary. reference.safetensors has, for each file,
the logits of transformers for the ids in reference.json with the weights that the gguf package
dequantises, and the first rows of its dequantised embedding. Run: python make_gguf.py
"""

import json
import math
import pathlib

import gguf
import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModelForCausalLM

FOLDER = pathlib.Path(__file__).parent
MODELS = FOLDER.parent / "models"
IDS = [5, 40, 7, 63, 0, 21]
TYPES = {name: gguf.GGMLQuantizationType[name] for name in ["F32", "F16", "BF16", "Q8_0", "Q4_0"]}

LAYER = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}
WHOLE = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight", "transformer.wte.weight": "token_embd.weight",
    "transformer.wpe.weight": "position_embd.weight",
    "transformer.ln_f.weight": "output_norm.weight", "transformer.ln_f.bias": "output_norm.bias",
}


def gguf_name(name):
    if name in WHOLE:
        return WHOLE[name]
    part, kind = name.split(".", 3)[3].rsplit(".", 1)
    return f"blk.0.{LAYER[part]}.{kind}"


def load(model):
    with safe_open(MODELS / model / "model.safetensors", "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def shrink(model, tensors, config, vocabulary):
    """One layer, `vocabulary` tokens, and fewer positions or inner columns where they are many."""
    result = {}
    for name, value in tensors.items():
        layer = name.split(".")[2] if ".layers." in name or ".h." in name else "0"
        if layer != "0":
            continue
        if name.endswith(("embed_tokens.weight", "wte.weight", "lm_head.weight")):
            value = value[:vocabulary]
        elif name.endswith("wpe.weight"):
            value = value[: config["n_positions"]]
        elif model == "qwen3" and ".mlp." in name:
            value = value[:, :64] if "down" in name else value[:64]
        result[name] = value
    return result


def permuted(value, heads):
    """The order of rows that llama.cpp's converter gives the queries and keys of llama."""
    return value.reshape(heads, 2, -1, *value.shape[1:]).swapaxes(1, 2).reshape(value.shape)


def unpermuted(value, heads):
    return value.reshape(heads, -1, 2, *value.shape[1:]).swapaxes(1, 2).reshape(value.shape)


def rope_divisors(config):
    scaling = config["rope_scaling"]
    size = config["hidden_size"] // config["num_attention_heads"]
    divisors = []
    for index in range(size // 2):
        wavelength = 2 * math.pi * config["rope_theta"] ** (2 * index / size)
        ratio = scaling["original_max_position_embeddings"] / wavelength
        low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
        smooth = min(max((ratio - low) / (high - low), 0), 1)
        divisors.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    return np.array(divisors, dtype=np.float32)


def write_metadata(writer, model, config, tensors):
    isgpt2 = model == "gpt2"
    writer.add_context_length(config["n_positions" if isgpt2 else "max_position_embeddings"])
    writer.add_embedding_length(config["n_embd" if isgpt2 else "hidden_size"])
    writer.add_block_count(1)
    writer.add_head_count(config["n_head" if isgpt2 else "num_attention_heads"])
    if isgpt2:
        writer.add_feed_forward_length(4 * config["n_embd"])
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    else:
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_rope_freq_base(config["rope_theta"])
        if "head_dim" in config:
            writer.add_key_length(config["head_dim"])
            writer.add_value_length(config["head_dim"])
    if config.get("rope_scaling"):
        tensors["rope_freqs.weight"] = rope_divisors(config)


def write_tokenizer(writer, model):
    tokenizer = json.loads((MODELS / model / "tokenizer.json").read_text())
    vocabulary = dict(tokenizer["model"]["vocab"])
    kinds = {}
    for token in tokenizer["added_tokens"]:
        vocabulary[token["content"]] = token["id"]
        kinds[token["id"]] = 3 if token["special"] else 4
    names = {id: name for name, id in vocabulary.items()}
    count = json.loads((MODELS / model / "config.json").read_text())["vocab_size"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([names.get(id, f"[PAD{id}]") for id in range(count)])
    writer.add_token_types([kinds.get(id, 1 if id in names else 5) for id in range(count)])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(760)
    writer.add_eos_token_id(762)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")


def kind_of(name, value, types):
    """The type of a tensor: that of the first part of a name that is listed, if blocks fit."""
    if value.ndim == 1 or name.endswith("wpe.weight"):
        return "F32"
    kind = next((kind for part, kind in types if part in name), "F32")
    return "BF16" if kind in ("Q8_0", "Q4_0") and value.shape[1] % 32 else kind


def make(model, vocabulary, types, reference):
    config = json.loads((MODELS / model / "config.json").read_text())
    if model == "gpt2":
        config["n_positions"] = config["n_ctx"] = 64
    if model == "qwen3":
        config["intermediate_size"] = 64
    layers = "n_layer" if model == "gpt2" else "num_hidden_layers"
    config |= {layers: 1, "vocab_size": vocabulary, "torch_dtype": "float32"}
    tensors = shrink(model, load(model), config, vocabulary)
    writer = gguf.GGUFWriter(FOLDER / f"{model}.gguf", model)
    stored = {gguf_name(name): value for name, value in tensors.items()}
    write_metadata(writer, model, config, stored)
    if model == "qwen2":
        write_tokenizer(writer, model)
    heads = {"self_attn.q_proj": "num_attention_heads", "self_attn.k_proj": "num_key_value_heads"}
    state = {}
    for name, value in tensors.items():
        conv = model == "gpt2" and ".h." in name and value.ndim == 2
        head = next((config[key] for part, key in heads.items() if part in name), None)
        value = np.ascontiguousarray(value.T if conv else value)
        if model == "llama" and head:
            value = permuted(value, head)
        kind = TYPES[kind_of(name, value, types)]
        data = gguf.quants.quantize(np.ascontiguousarray(value), kind)
        writer.add_tensor(gguf_name(name), data, raw_dtype=kind)
        value = gguf.quants.dequantize(data, kind).reshape(value.shape).astype(np.float32)
        if model == "llama" and head:
            value = unpermuted(value, head)
        state[name] = torch.from_numpy(np.ascontiguousarray(value.T if conv else value))
    if "rope_freqs.weight" in stored:
        writer.add_tensor("rope_freqs.weight", stored["rope_freqs.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    kind = config.pop("model_type")
    network = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **config)).eval().float()
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert not unexpected and all(name == "lm_head.weight" for name in missing), (missing, unexpected)
    network.tie_weights()
    with torch.no_grad():
        logits = network(torch.tensor([IDS])).logits[0]
    reference[f"{model}.logits"] = logits.float().numpy()
    embedding = next(value for name, value in state.items() if "embed_tokens" in name or "wte" in name)
    reference[f"{model}.embedding"] = embedding[:16].numpy()


reference = {}
make("llama", 256, [("embed", "Q4_0"), ("lm_head", "Q8_0"), ("v_proj", "F16"), ("", "Q4_0")], reference)
make("qwen2", 832, [("", "Q8_0")], reference)
make("qwen3", 64, [("down_proj", "Q8_0"), ("", "Q4_0")], reference)
make("gpt2", 64, [("wte", "Q8_0"), ("c_fc", "Q8_0"), ("", "Q4_0")], reference)
save_file(reference, FOLDER / "reference.safetensors")
(FOLDER / "reference.json").write_text(json.dumps({"ids": IDS}) + "\n")
