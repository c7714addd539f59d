"""Golden loss and gradients of one batch, by the PyTorch program of ../shared/training in Float64.

Usage: python3 make_loss.py ../shared/training/src, with PyTorch 2.15.0. Writes loss.json (two graphs
with two questions each, as token ids, and the losses) and loss.safetensors (the weights under
their names in a checkpoint, and the gradients of token loss + thought loss).
"""
import json
import random
import sys

sys.path.insert(0, sys.argv[1])
sys.argv = sys.argv[:1]
import core
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
shape = {"arch": "llama", "L": 2, "d": 32, "H": 4, "ff": 64, "eoff": 2.5, "enorm": 3.0, "prev": 5.0}
model = core.LM(shape)
problems = [core.sample(random.Random(seed), 10, 2, False) for seed in (1, 2)]
batch = core.batch(random.Random(3), 2, 2, 10, False, wlow=0.25, nk=3, wans=3.0, ex=problems)
batch["aux"] = batch["aux"].double()

states, thoughts = model(batch)
weights = batch["w"].double()
chosen = weights > 0
losses = F.cross_entropy(model.logits(states[chosen]), batch["lab"][chosen], reduction="none")
token_loss = (losses * weights[chosen]).sum() / weights.sum()
logits = model.logits(thoughts).log_softmax(-1)
thought_loss = -(batch["aux"] * logits).sum(-1).mean()
(token_loss + thought_loss).backward()


def tails(row):
    """The segments of a padded row of tails."""
    found = []
    for segment in range(int(row["seg"].max()) + 1):
        mask = row["seg"] == segment
        found.append(
            {
                "tag": int(row["tag"][mask][0]),
                "column": int(row["nvis"][mask][0]),
                "tokens": row["t"][mask].tolist(),
                "labels": row["lab"][mask].tolist(),
                "weights": [round(x, 6) for x in row["w"][mask].tolist()],
            }
        )
    return found


graphs = []
for place, (facts, questions) in enumerate(problems):
    branches = []
    for index, (_, _, _, path, frontiers) in enumerate(questions):
        row = {key: batch[key][place, index] for key in ("seg", "tag", "nvis", "t", "lab", "w")}
        branches.append(
            {
                "tokens": batch["q"][place, index].tolist(),
                "path": path,
                "targets": [sorted(set(frontier)) for frontier in frontiers],
                "tails": tails(row),
            }
        )
    graphs.append({"facts": facts, "branches": branches})

arrays = {}


def keep(name, value, gradient):
    arrays[name] = value.detach().float().contiguous()
    arrays["gradient/" + name] = gradient.float().contiguous()


keep("model.embed_tokens.weight", model.emb, model.emb.grad)
keep("model.norm.weight", model.nf.w, model.nf.w.grad)
for index, block in enumerate(model.blocks):
    prefix = f"model.layers.{index}."
    keep(prefix + "input_layernorm.weight", block.n1.w, block.n1.w.grad)
    keep(prefix + "post_attention_layernorm.weight", block.n2.w, block.n2.w.grad)
    parts = block.qkv.weight.split(shape["d"], 0), block.qkv.weight.grad.split(shape["d"], 0)
    for name, value, gradient in zip("qkv", *parts):
        keep(f"{prefix}self_attn.{name}_proj.weight", value.clone(), gradient.clone())
    keep(prefix + "self_attn.o_proj.weight", block.o.weight, block.o.weight.grad)
    parts = block.up.weight.split(shape["ff"], 0), block.up.weight.grad.split(shape["ff"], 0)
    for name, value, gradient in zip(("gate", "up"), *parts):
        keep(f"{prefix}mlp.{name}_proj.weight", value.clone(), gradient.clone())
    keep(prefix + "mlp.down_proj.weight", block.down.weight, block.down.weight.grad)
save_file(arrays, "loss.safetensors")
with open("loss.json", "w") as file:
    json.dump(
        {
            "token_loss": token_loss.item(),
            "thought_loss": thought_loss.item(),
            "graphs": graphs,
        },
        file,
    )
