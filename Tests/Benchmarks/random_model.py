"""Models with random weights of a given shape: a Hugging Face folder and GGUF files of one model.

All files hold the same weights: numbers drawn from a seed and rounded to BF16, and blocks
quantised from those. A decoder of the Qwen3 family with a tied head, whose tokens are bytes.
"""

import json
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

import gguf
import numpy as np

FORMATS = ("BF16", "Q8_0", "Q4_0")


@dataclass(frozen=True)
class Shape:
    """Sizes of a Qwen3 decoder, spelled as in config.json."""

    name: str
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    vocab_size: int
    max_position_embeddings: int = 4096

    def config(self) -> dict[str, object]:
        """The members of config.json."""
        sizes = {key: value for key, value in self.__dict__.items() if key != "name"}
        return sizes | {
            "architectures": ["Qwen3ForCausalLM"],
            "model_type": "qwen3",
            "hidden_act": "silu",
            "rms_norm_eps": 1e-6,
            "rope_theta": 1e6,
            "attention_bias": False,
            "tie_word_embeddings": True,
            "eos_token_id": self.vocab_size - 1,
            "torch_dtype": "bfloat16",
        }


QWEN3_06B = Shape("qwen3-0.6b", 1024, 3072, 28, 16, 8, 128, 151_936)
SMALL = Shape("small", 256, 512, 2, 4, 2, 64, 320)


def tensor_shapes(shape: Shape) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """The Hugging Face name, the GGUF name and the shape of every tensor."""
    width, inner, head = shape.hidden_size, shape.intermediate_size, shape.head_dim
    queries, keys = shape.num_attention_heads * head, shape.num_key_value_heads * head
    yield "model.embed_tokens.weight", "token_embd.weight", (shape.vocab_size, width)
    yield "model.norm.weight", "output_norm.weight", (width,)
    parts = [
        ("input_layernorm", "attn_norm", (width,)),
        ("self_attn.q_proj", "attn_q", (queries, width)),
        ("self_attn.k_proj", "attn_k", (keys, width)),
        ("self_attn.v_proj", "attn_v", (keys, width)),
        ("self_attn.o_proj", "attn_output", (width, queries)),
        ("self_attn.q_norm", "attn_q_norm", (head,)),
        ("self_attn.k_norm", "attn_k_norm", (head,)),
        ("post_attention_layernorm", "ffn_norm", (width,)),
        ("mlp.gate_proj", "ffn_gate", (inner, width)),
        ("mlp.up_proj", "ffn_up", (inner, width)),
        ("mlp.down_proj", "ffn_down", (width, inner)),
    ]
    for layer in range(shape.num_hidden_layers):
        for name, stored, size in parts:
            yield f"model.layers.{layer}.{name}.weight", f"blk.{layer}.{stored}.weight", size


def tensors(shape: Shape, seed: int = 0) -> Iterator[tuple[str, str, np.ndarray]]:
    """The tensors in Float32, every number one that BF16 holds exactly."""
    for index, (name, stored, size) in enumerate(tensor_shapes(shape)):
        if len(size) == 1:
            yield name, stored, np.ones(size, np.float32)
            continue
        random = np.random.default_rng([seed, index])
        values = random.standard_normal(size, np.float32)
        values *= np.float32(size[1] ** -0.5)
        yield name, stored, from_bf16(to_bf16(values))


def to_bf16(values: np.ndarray) -> np.ndarray:
    """The upper halves of Float32 numbers, rounded to nearest, ties to even."""
    bits = values.view(np.uint32)
    return ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype(np.uint16)


def from_bf16(halves: np.ndarray) -> np.ndarray:
    """The Float32 numbers that BF16 halves stand for."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def stored_format(name: str, size: tuple[int, ...], kind: str) -> gguf.GGMLQuantizationType:
    """F32 for vectors; in Q4_0 files the embedding, which is the head too, is Q8_0."""
    if len(size) == 1:
        return gguf.GGMLQuantizationType.F32
    if kind == "Q4_0" and name == "token_embd.weight":
        return gguf.GGMLQuantizationType.Q8_0
    return gguf.GGMLQuantizationType[kind]


def write_gguf(path: pathlib.Path, shape: Shape, kind: str) -> None:
    """Writes one GGUF file with the linear layers in the format `kind`."""
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(shape.vocab_size)
    write_tokenizer(writer, shape.vocab_size)
    for _, name, values in tensors(shape):
        stored = stored_format(name, values.shape, kind)
        writer.add_tensor(name, gguf.quants.quantize(values, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_tokenizer(writer: gguf.GGUFWriter, count: int) -> None:
    """Byte-level BPE: a token for each byte, one pair, unused tokens, and the end token."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    letters |= {byte: chr(256 + index) for index, byte in enumerate(others)}
    tokens = [letters[byte] for byte in range(256)] + ["ab"]
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    tokens += [f"[unused {index}]" for index in range(len(tokens), count - 1)] + ["<|end|>"]
    kinds += [gguf.TokenType.UNUSED] * (count - len(kinds) - 1) + [gguf.TokenType.CONTROL]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(count - 1)
    writer.add_add_bos_token(False)


def write_folder(folder: pathlib.Path, shape: Shape) -> None:
    """Writes config.json and a BF16 model.safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    header, end = {}, 0
    for name, _, size in tensor_shapes(shape):
        begin, end = end, end + 2 * int(np.prod(size))
        header[name] = {"dtype": "BF16", "shape": size, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, _, values in tensors(shape):
            file.write(to_bf16(values).tobytes())
    (folder / "config.json").write_text(json.dumps(shape.config(), indent=1) + "\n")


def make(cache: pathlib.Path, shape: Shape) -> dict[str, pathlib.Path]:
    """The files of a model by format, `folder` among them; those that are missing are made."""
    cache.mkdir(parents=True, exist_ok=True)
    files = {kind: cache / f"{shape.name}-{kind.lower()}.gguf" for kind in FORMATS}
    files["folder"] = cache / shape.name
    for kind, path in files.items():
        if path.exists():
            continue
        partial = path.with_name(path.name + ".partial")
        if kind == "folder":
            write_folder(partial, shape)
        else:
            write_gguf(partial, shape, kind)
        partial.rename(path)
    return files
