"""Writes what transformers computes with the embedded models, which `tacit train` saved.

For each model the logits of the last four tokens of a prompt, then six thoughts: the last hidden
state is read as the next row, and its state and logits are kept. The ids in embedded.json are
those of generated problems. Run: python make_embedded.py
"""

import json
import pathlib

import safetensors
import torch
import transformers
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent
MODELS = FOLDER.parents[2] / "Sources" / "TacitCheckpoint" / "models"
THOUGHTS = 6


@torch.no_grad()
def compute(folder: pathlib.Path, ids: list[int]) -> dict[str, torch.Tensor]:
    """Logits of the last four tokens; states and logits of the thoughts after them."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    rows = model.get_input_embeddings()(torch.tensor([ids]))
    output = model(inputs_embeds=rows, output_hidden_states=True, use_cache=True)
    arrays = {"logits": output.logits[0, -4:]}
    states, logits = [], []
    for _ in range(THOUGHTS):
        state = output.hidden_states[-1][:, -1:]
        output = model(
            inputs_embeds=state, past_key_values=output.past_key_values,
            output_hidden_states=True, use_cache=True,
        )
        states.append(output.hidden_states[-1][0, -1])
        logits.append(output.logits[0, -1])
    return arrays | {"states": torch.stack(states), "thought_logits": torch.stack(logits)}


def main() -> None:
    """Reads the ids, writes the arrays and the versions."""
    path = FOLDER / "embedded.json"
    description = json.loads(path.read_text())
    arrays = {}
    for name, ids in description["prompts"].items():
        for key, value in compute(MODELS / name, ids).items():
            arrays[f"{name}.{key}"] = value.contiguous()
    description["versions"] = {
        "torch": torch.__version__, "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
    }
    path.write_text(json.dumps(description) + "\n")
    save_file(arrays, FOLDER / "embedded.safetensors")


if __name__ == "__main__":
    main()
