"""Measures decoding with drafts against plain decoding, on a text that says a passage four times.

Usage: python3 Tests/Benchmarks/drafts.py [--rounds 3] [--passage 40] [--times 4] [--draft 5]

The model has the shape of Qwen3-0.6B and costs what that costs, but what it writes is known: layers
add nothing to the residual stream, and the head names the token that follows in the passage. So the
first time nothing can be guessed, and from then on everything. Both write the same tokens, which is
checked. In every round each decodes once, in alternating order; ratios are taken within a round.
Needs `swift build -c release`, numpy and gguf; the model, 1.5 GB, is made once in
$TACIT_BENCH_CACHE (default ~/.cache/tacit-bench).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import machine
import numpy as np
import random_model

ROOT = Path(__file__).resolve().parents[2]
SHAPE = random_model.QWEN3_06B
FIRST = 100

RECIPE = """
local tacit = require "tacit"
return tacit.pipeline {{
  name = "draft",
  tacit.prompt {{ token_ids = {{ {first} }} }},
  tacit.generate {{ max_new_tokens = {tokens}, draft = {draft}, ignore_eos = true }},
}}
"""


def make_model(folder: Path, passage: int) -> None:
    """A model that repeats the tokens from FIRST to FIRST + passage - 1."""
    if folder.exists():
        return
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    sizes = {name: size for name, _, size in random_model.tensor_shapes(SHAPE)}
    sizes["lm_head.weight"] = sizes["model.embed_tokens.weight"]
    header, end = {}, 0
    for name, size in sizes.items():
        begin, end = end, end + 2 * int(np.prod(size))
        header[name] = {"dtype": "BF16", "shape": size, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(partial / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, _, values in random_model.tensors(SHAPE):
            if name == "model.embed_tokens.weight":
                head = np.roll(values, 1, axis=0)
                head[FIRST] = values[FIRST + passage - 1]
            silent = "o_proj" in name or "down_proj" in name
            file.write(random_model.to_bf16(values * 0 if silent else values).tobytes())
        file.write(random_model.to_bf16(head).tobytes())
    config = SHAPE.config() | {"tie_word_embeddings": False}
    (partial / "config.json").write_text(json.dumps(config))
    for tokenizer in (ROOT / "Tests/Fixtures/models/qwen3").glob("tokenizer*.json"):
        shutil.copy(tokenizer, partial)
    partial.rename(folder)


def decode(tacit: str, model: Path, draft: int, tokens: int) -> dict:
    """What `tacit run` says of one decoding."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as recipe:
        recipe.write(RECIPE.format(first=FIRST, tokens=tokens, draft=draft))
        recipe.flush()
        command = [tacit, "run", recipe.name, "--model", str(model), "--question", "-", "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def main() -> None:
    """Measures and prints a line a round, then the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passage", type=int, default=40, help="tokens of the passage")
    parser.add_argument("--times", type=int, default=4, help="how often the text says it")
    parser.add_argument("--draft", type=int, default=5, help="tokens guessed in one pass at most")
    parser.add_argument("--tacit", default=str(ROOT / ".build/release/tacit"))
    options = parser.parse_args()
    cache = Path(os.environ.get("TACIT_BENCH_CACHE", Path.home() / ".cache/tacit-bench"))
    model = cache / f"{SHAPE.name}-passage-{options.passage}"
    make_model(model, options.passage)
    tokens = options.passage * options.times
    expected = [FIRST + (1 + step) % options.passage for step in range(tokens)]
    print(machine.processor())
    ratios = []
    for number in range(options.rounds):
        order = [0, options.draft] if number % 2 == 0 else [options.draft, 0]
        results = {draft: decode(options.tacit, model, draft, tokens) for draft in order}
        for draft, result in results.items():
            if result["token_ids"] != expected:
                raise SystemExit(f"draft {draft}: other tokens than the passage")
        plain, drafted = results[0], results[options.draft]
        ratios.append(plain["seconds"] / drafted["seconds"])
        passes = [result["counts"]["forward_passes"] for result in (plain, drafted)]
        print(
            f"plain {plain['seconds']:.2f} s, {passes[0]} passes;"
            f" drafts {drafted['seconds']:.2f} s, {passes[1]} passes; {ratios[-1]:.2f} times"
        )
    print(f"median {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
