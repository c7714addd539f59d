"""Golden numbers of AdamW: a matrix that decays and a vector that does not, after clipping.

Usage: python3 make_adamw.py > adamw.json, with PyTorch 2.15.0.
"""
import json

import torch

torch.manual_seed(0)
matrix = torch.nn.Parameter(torch.randn(3, 4))
vector = torch.nn.Parameter(torch.randn(4))
numbers = lambda tensor: tensor.detach().flatten().tolist()
result = {"matrix": numbers(matrix), "vector": numbers(vector), "steps": []}
optimizer = torch.optim.AdamW(
    [
        {"params": [matrix], "weight_decay": 0.1},
        {"params": [vector], "weight_decay": 0.0},
    ],
    lr=1,
    betas=(0.9, 0.98),
)
for size, rate in [(3, 1e-2), (0.1, 5e-3), (3, 2e-2)]:
    step = {"learning_rate": rate}
    for name, parameter in [("matrix", matrix), ("vector", vector)]:
        parameter.grad = size * torch.randn(parameter.shape)
        step[name + "_gradient"] = numbers(parameter.grad)
    step["norm"] = torch.nn.utils.clip_grad_norm_([matrix, vector], 1.0).item()
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    result["steps"].append(step | {"matrix": numbers(matrix), "vector": numbers(vector)})
print(json.dumps(result))
