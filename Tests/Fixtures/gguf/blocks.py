"""Writes blocks.json: random blocks of every stored format, and what gguf's Python code makes of them.

Numbers of half precision within the blocks are drawn small and finite; all other bytes are random.
"""

import json
import pathlib

import gguf
import numpy as np

# Offsets of the half-precision numbers of a block.
HALVES = {
    "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": [],
}  # fmt: skip
COUNT = 3

cases = {}
for index, (name, halves) in enumerate(HALVES.items()):
    kind = gguf.GGMLQuantizationType[name]
    length, size = gguf.GGML_QUANT_SIZES[kind]
    draws = np.random.default_rng([5, index])
    blocks = draws.integers(0, 256, (COUNT, size), dtype=np.uint8)
    for offset in halves:
        scales = draws.uniform(-0.1, 0.1, COUNT).astype(np.float16)
        blocks[:, offset : offset + 2] = scales.view(np.uint8).reshape(COUNT, 2)
    if name == "MXFP4":
        blocks[:, 0] = [0, 1, 125]
    values = gguf.quants.dequantize(blocks.reshape(-1), kind).astype(np.float32)
    cases[name] = {
        "number": int(kind),
        "bytes": blocks.reshape(-1).tolist(),
        "bits": values.reshape(-1).view(np.uint32).tolist(),
    }
path = pathlib.Path(__file__).with_name("blocks.json")
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
