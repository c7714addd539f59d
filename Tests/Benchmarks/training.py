"""Times a training step of Tacit and of the PyTorch program on batches of one shape, in turn.

Usage: python3 Tests/Benchmarks/training.py ../shared/training/src [--threads 2] [--rounds 3] [--full 0]

Both train the model of pipelines/train/prosqa.lua on random graphs of 23.5 nodes, 16 graphs a
step; --full is the share of batches with chains in words. Of several rounds the fastest five steps
in a row count, so that other work on the machine matters little. Needs `swift build -c release`.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=30)
parser.add_argument("--full", type=float, default=0.0)
parser.add_argument("--tacit", default=".build/release/tacit")
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
sys.path.insert(0, options.program)
sys.argv = sys.argv[:1]
import core
import torch

torch.set_num_threads(options.threads)
torch.set_flush_denormal(True)
torch.manual_seed(0)
shape = {"arch": "llama", "L": 2, "d": 128, "H": 4, "ff": 256, "eoff": 2.5, "prev": 5.0}
model = core.LM(shape)
matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "blocks" in n]
others = [p for n, p in model.named_parameters() if not (p.ndim == 2 and "blocks" in n)]
optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
    lr=2e-3,
    betas=(0.9, 0.98),
    fused=True,
)
draws = random.Random(1)


def torch_step():
    """One step as the program takes it; returns its tokens."""
    lite = draws.random() >= options.full
    batch = core.batch(
        draws, 16, 6 if lite else 3, 23.5, False, wlow=0.05, nk=3, wans=3.0, lite=lite
    )
    states, thoughts = model(batch)
    weights = batch["w"]
    chosen = weights > 0
    losses = torch.nn.functional.cross_entropy(
        model.logits(states[chosen]), batch["lab"][chosen], reduction="none"
    )
    loss = (losses * weights[chosen]).sum() / weights.sum()
    filled = batch["aux"].sum(-1) > 0
    logits = model.logits(thoughts[filled]).log_softmax(-1)
    loss = loss - (batch["aux"][filled] * logits).sum(-1).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return batch["ntok"]


def torch_round():
    """Seconds and tokens of each five steps in a row."""
    windows = []
    for _ in range(options.steps // 5):
        start = time.perf_counter()
        tokens = sum(torch_step() for _ in range(5))
        windows.append(((time.perf_counter() - start) / 5, tokens / 5))
    return windows


def tacit_round():
    """The same, of the command."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [options.tacit, "train", "Tests/Benchmarks/training.lua", "-P", f"steps={options.steps}",
             "-P", f"full={options.full}", "--threads", str(options.threads), "--out", folder,
             "--quiet"],
            check=True,
        )
        lines = [json.loads(line) for line in open(folder + "/metrics.jsonl")]
    windows = []
    for before, line in zip([{"seconds": 0, "tokens": 0}] + lines, lines):
        windows.append(
            ((line["seconds"] - before["seconds"]) / 5, (line["tokens"] - before["tokens"]) / 5)
        )
    return windows


torch_windows, tacit_windows = [], []
for _ in range(options.rounds):
    torch_windows += torch_round()
    tacit_windows += tacit_round()
for name, windows in (("PyTorch", torch_windows), ("Tacit", tacit_windows)):
    seconds, tokens = min(windows, key=lambda window: window[0] / window[1])
    print(f"{name:8} {1000 * seconds:7.1f} ms/step  {tokens:6.0f} tokens/step  "
          f"{tokens / seconds:8.0f} tokens/s")
best = [max(tokens / seconds for seconds, tokens in w) for w in (torch_windows, tacit_windows)]
print(f"Tacit reads {best[1] / best[0]:.2f} times as many tokens a second")
