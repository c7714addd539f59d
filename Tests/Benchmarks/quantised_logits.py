"""How far Tacit and llama.cpp are from the truth on quantised weights of a small random model.

Usage: python3 Tests/Benchmarks/quantised_logits.py [--tacit .build/release/tacit]

The truth is transformers in Float32 on the weights that the gguf package dequantises. Prints root
mean square errors over a prompt of 32 tokens: of the hidden states after the final norm relative
to their root mean square, and of llama.cpp's logits relative to the range of the true ones.
"""

import argparse
import ctypes
import json
import subprocess
import tempfile
from pathlib import Path

import gguf
import llama_cpp.llama_cpp as llama
import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

import random_model
from llama_cpp_runner import Batch, decode, load, new_context

LENGTH = 32
SHAPE = random_model.SMALL


def true_rows(folder: Path, path: Path, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Hidden states [T, D] and logits [T, V] on dequantised weights."""
    stored = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    state = {}
    for name, gguf_name, size in random_model.tensor_shapes(SHAPE):
        tensor = stored[gguf_name]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        state[name] = torch.from_numpy(values.reshape(size).astype(np.float32))
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)).float().eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or missing not in ([], ["lm_head.weight"]):
        raise SystemExit(f"weights do not fit: {missing} {unexpected}")
    model.tie_weights()
    with torch.no_grad():
        output = model(torch.tensor([ids]), output_hidden_states=True)
    return output.hidden_states[-1][0].numpy(), output.logits[0].numpy()


def llama_rows(path: Path, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The same by llama.cpp."""
    model = load(str(path))
    rows = []
    for embeddings in [True, False]:
        context = new_context(model, 1, LENGTH, 2, flash=False)
        llama.llama_set_embeddings(context, embeddings)
        batch = Batch(LENGTH)
        for position, token in enumerate(ids):
            batch.add(token, position, 0, True)
        decode(context, batch)
        get = llama.llama_get_embeddings_ith if embeddings else llama.llama_get_logits_ith
        width = SHAPE.hidden_size if embeddings else SHAPE.vocab_size
        pointers = [ctypes.cast(get(context, i), ctypes.c_void_p).value for i in range(LENGTH)]
        values = [(ctypes.c_float * width).from_address(address) for address in pointers]
        rows.append(np.array(values, np.float32))
        llama.llama_free(context)
    return rows[0], rows[1]


def tacit_rows(tacit: str, path: Path, ids: list[int], activations: str) -> np.ndarray:
    """Hidden states by Tacit: the first thought after each beginning of the prompt."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "recipe.lua"
        for length in range(1, LENGTH + 1):
            numbers = ", ".join(map(str, ids[:length]))
            recipe.write_text(
                'local tacit = require "tacit"\n'
                f'return tacit.pipeline {{ name = "state", tacit.prompt {{ token_ids = '
                f"{{ {numbers} }} }}, tacit.think {{ latent_steps = 1 }} }}\n"
            )
            command = [tacit, "run", str(recipe), "--model", str(path), "--question", "none"]
            command += ["--activations", activations, "--json", "--trace-vectors"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            steps = json.loads(done.stdout)["trace"]
            rows.append(next(step["vector"] for step in steps if step["kind"] == "latent"))
    return np.array(rows, np.float32)


def root_mean_square(values: np.ndarray) -> float:
    """The root of the mean square of all elements."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tacit", default=".build/release/tacit")
    options = parser.parse_args()
    ids = np.random.default_rng(1).integers(0, SHAPE.vocab_size - 1, LENGTH).tolist()
    print("| weights | program | hidden states | logits |\n|---|---|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        files = random_model.make(Path(folder), SHAPE)
        for kind in random_model.FORMATS:
            states, logits = true_rows(files["folder"], files[kind], ids)
            found = {"llama.cpp": llama_rows(files[kind], ids)}
            for way in ["exact", "fast"]:
                found[f"Tacit {way}"] = tacit_rows(options.tacit, files[kind], ids, way), None
            for name, (own_states, own_logits) in found.items():
                error = root_mean_square(own_states - states) / root_mean_square(states)
                cells = [kind, name, f"{error:.2e}"]
                if own_logits is not None:
                    relative = root_mean_square(own_logits - logits) / np.ptp(logits)
                    cells.append(f"{relative:.2e}")
                print("| " + " | ".join(cells + [""] * (4 - len(cells))) + " |")


if __name__ == "__main__":
    main()
