"""Measures transformers on a Hugging Face folder and prints the speeds of all repetitions as JSON.

Prefill reads random prompts; decoding reads one token of each session a step; a latent step reads
each session's last hidden state, as the published implementations do it, with their output head
(`latent`) and without (`latent without head`).
"""

import argparse
import json
import time
from collections.abc import Callable

import torch
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.modeling_outputs import ModelOutput


class Sessions:
    """Sequences of equal length that one model reads together."""

    def __init__(self, model: torch.nn.Module, count: int, prompt: int) -> None:
        self.model = model
        self.count = count
        self.prompt = prompt

    def tokens(self, columns: int) -> torch.Tensor:
        """Random token ids, [sessions, columns]."""
        return torch.randint(self.model.config.vocab_size, (self.count, columns))

    def read(self, **inputs: object) -> ModelOutput:
        """One pass of the whole model; the head is computed for the last column."""
        return self.model(use_cache=True, logits_to_keep=1, **inputs)

    def prefill(self) -> tuple[DynamicCache, torch.Tensor]:
        """The memory of new prompts and the hidden states at their ends, [sessions, 1, D]."""
        output = self.read(input_ids=self.tokens(self.prompt), output_hidden_states=True)
        return output.past_key_values, output.hidden_states[-1][:, -1:]

    def decode(self, cache: DynamicCache, state: torch.Tensor) -> torch.Tensor:
        """One step with tokens; the most probable next ones are found and not used."""
        output = self.read(input_ids=self.tokens(1), past_key_values=cache)
        output.logits[:, -1].argmax(-1)
        return state

    def think(self, cache: DynamicCache, state: torch.Tensor) -> torch.Tensor:
        """One latent step; returns the new hidden states."""
        output = self.read(inputs_embeds=state, past_key_values=cache, output_hidden_states=True)
        return output.hidden_states[-1][:, -1:]

    def think_without_head(self, cache: DynamicCache, state: torch.Tensor) -> torch.Tensor:
        """One latent step of the decoder alone; returns the new hidden states."""
        output = self.model.model(inputs_embeds=state, past_key_values=cache, use_cache=True)
        return output.last_hidden_state


def timed_steps(
    sessions: Sessions, step: Callable[[DynamicCache, torch.Tensor], torch.Tensor], steps: int
) -> float:
    """Positions a second of `steps` steps after a prompt, all sessions together."""
    cache, state = sessions.prefill()
    start = time.perf_counter()
    for _ in range(steps):
        state = step(cache, state)
    return sessions.count * steps / (time.perf_counter() - start)


def timed_prefill(sessions: Sessions) -> float:
    """Positions a second of reading prompts."""
    start = time.perf_counter()
    sessions.prefill()
    return sessions.count * sessions.prompt / (time.perf_counter() - start)


def main() -> None:
    """Prints the speeds by workload."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--workloads", default="prefill,decode,latent,latent without head")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    dtype = getattr(torch, options.dtype)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).eval()
    sessions = Sessions(model, options.sessions, options.prompt)
    measures: dict[str, Callable[[], float]] = {
        "prefill": lambda: timed_prefill(sessions),
        "decode": lambda: timed_steps(sessions, sessions.decode, options.steps),
        "latent": lambda: timed_steps(sessions, sessions.think, options.steps),
        "latent without head": lambda: timed_steps(
            sessions, sessions.think_without_head, options.steps
        ),
    }
    speeds: dict[str, list[float]] = {name: [] for name in options.workloads.split(",")}
    with torch.inference_mode():
        timed_steps(sessions, sessions.think, 2)
        for _ in range(options.repetitions):
            for name, values in speeds.items():
                values.append(measures[name]())
    print(json.dumps({"speeds": speeds}))


if __name__ == "__main__":
    main()
