"""Golden gradients of the tiny models, by PyTorch and transformers in Float64.

Two sequences share a prompt. One reads the start marker, k thoughts (its own last hidden states)
and a tail; the other a tail whose second row is a mixture of embeddings. The loss sums weighted
cross-entropies of both tails, soft cross-entropies of the head on every thought, and the squared
error of the last thought. Each sequence is computed anew and whole, without any cache.

Written: for each k the loss and, for every parameter, the largest magnitude of its gradient and
24 elements of it, evenly spaced.
"""

import json
import pathlib
import sys

import numpy
import torch
import transformers
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
SAMPLES = 24
PROMPT = [33, 274, 517, 220, 20, 15, 294, 355, 65, 460, 275, 328]
START, TAIL, LABELS, WEIGHTS = 760, [767, 2, 220, 19], [2, 220, 19, 760], [0.5, 0, 1, 2]
OTHER, OTHER_LABELS, OTHER_WEIGHTS = [524, 0, 199], [7, 199, 216], [1, 1, 0.25]
MIXTURE = {5: 0.5, 9: 0.3, 700: 0.2}
FRONTIERS = [[3], [8, 40], [41, 42, 43], [100, 7, 500, 600]]
AUXILIARY, SQUARED = 0.5, 0.3


def cross_entropy(logits, labels, weights):
    losses = torch.nn.functional.cross_entropy(logits, torch.tensor(labels), reduction="none")
    return (losses * torch.tensor(weights, dtype=torch.float64)).sum()


def loss_of(model, thoughts):
    table = model.get_input_embeddings().weight

    def states(rows):
        return model.base_model(inputs_embeds=rows[None], use_cache=False).last_hidden_state[0]

    rows = table[torch.tensor(PROMPT + [START])]
    hidden = [states(rows)[-1]]
    for _ in range(thoughts):
        rows = torch.cat([rows, hidden[-1][None]])
        hidden.append(states(rows)[-1])
    rows = torch.cat([rows, table[torch.tensor(TAIL)]])
    loss = cross_entropy(model.lm_head(states(rows)[-len(TAIL):]), LABELS, WEIGHTS)
    for state, frontier in zip(hidden, FRONTIERS):
        surprise = -torch.log_softmax(model.lm_head(state), -1)
        loss = loss + AUXILIARY * surprise[frontier].mean()
    aim = table[7].detach()
    loss = loss + SQUARED * torch.mean((hidden[-1] - aim) ** 2)
    mixture = sum(weight * table[index] for index, weight in MIXTURE.items())
    other = table[torch.tensor(OTHER)]
    rows = torch.cat([table[torch.tensor(PROMPT)], other[:1], mixture[None], other[2:]])
    logits = model.lm_head(states(rows)[-len(OTHER):])
    return loss + cross_entropy(logits, OTHER_LABELS, OTHER_WEIGHTS)


def write(name):
    folder = HERE.parent / "models" / name
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float64, attn_implementation="eager")
    model.eval()
    names = [name for name, _ in model.named_parameters()]
    arrays, cases = {}, []
    for thoughts in range(4):
        model.zero_grad()
        loss = loss_of(model, thoughts)
        loss.backward()
        samples, largest = [], []
        for _, parameter in model.named_parameters():
            gradient = parameter.grad.flatten().numpy()
            places = [i * (gradient.size - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
            samples.append(gradient[places])
            largest.append(numpy.abs(gradient).max())
        arrays[f"k{thoughts}.samples"] = numpy.array(samples, dtype=numpy.float32)
        arrays[f"k{thoughts}.largest"] = numpy.array(largest, dtype=numpy.float32)
        cases.append({"k": thoughts, "loss": loss.item()})
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    content = {"model": name, "versions": versions, "parameters": names, "cases": cases}
    (HERE / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    save_file(arrays, HERE / f"{name}.safetensors")


for name in sys.argv[1:] or ["gpt2", "llama", "qwen2", "qwen3"]:
    write(name)
