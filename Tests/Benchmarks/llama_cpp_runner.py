"""Measures llama.cpp on a GGUF file, as its llama-batched-bench does, and prints JSON.

Every session reads a prompt of its own, then all of them read one token a step together. Tokens
are random, so that nothing is sampled. Flash attention is tried off and on, in a context each.
"""

import argparse
import ctypes
import json
import random
import time

import llama_cpp.llama_cpp as llama

UBATCH = 512
WARM_UP_STEPS = 2


class Batch:
    """A llama_batch that grows by single tokens."""

    def __init__(self, capacity: int) -> None:
        self.raw = llama.llama_batch_init(capacity, 0, 1)

    def clear(self) -> None:
        """Forgets all tokens."""
        self.raw.n_tokens = 0

    def add(self, token: int, position: int, session: int, logits: bool) -> None:
        """Appends one token of one session."""
        index = self.raw.n_tokens
        self.raw.token[index] = token
        self.raw.pos[index] = position
        self.raw.n_seq_id[index] = 1
        self.raw.seq_id[index][0] = session
        self.raw.logits[index] = logits
        self.raw.n_tokens = index + 1


@llama.llama_log_callback
def silent(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Swallows the messages of the library."""


def load(path: str) -> llama.llama_model_p:
    """The model of a GGUF file, its weights repacked where the library does so by default."""
    llama.llama_log_set(silent, ctypes.c_void_p(0))
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    if not model:
        raise SystemExit(f"{path}: llama.cpp cannot load it")
    return model


def new_context(
    model: llama.llama_model_p, sessions: int, positions: int, threads: int, flash: bool
) -> llama.llama_context_p:
    """A context with room for `positions` of each session."""
    params = llama.llama_context_default_params()
    params.n_ctx = sessions * positions
    params.n_batch = max(sessions * positions, UBATCH)
    params.n_ubatch = UBATCH
    params.n_seq_max = sessions
    params.n_threads = params.n_threads_batch = threads
    params.flash_attn_type = int(flash)
    params.kv_unified = False
    context = llama.llama_init_from_model(model, params)
    if not context:
        raise SystemExit("llama.cpp cannot make a context")
    return context


def decode(context: llama.llama_context_p, batch: Batch) -> None:
    """Runs a batch to its end."""
    if status := llama.llama_decode(context, batch.raw):
        raise SystemExit(f"llama_decode: status {status}")
    llama.llama_synchronize(context)


def measure(
    context: llama.llama_context_p, vocabulary: int, sessions: int, prompt: int, steps: int
) -> dict[str, float]:
    """Tokens a second of all sessions together: of their prompts, and of the steps after them."""
    draws = random.Random(0)
    batch = Batch(sessions * prompt)
    llama.llama_memory_clear(llama.llama_get_memory(context), False)
    for session in range(sessions):
        for position in range(prompt):
            batch.add(draws.randrange(vocabulary), position, session, position == prompt - 1)
    start = time.perf_counter()
    decode(context, batch)
    speeds = {"prefill": sessions * prompt / (time.perf_counter() - start)}
    start = time.perf_counter()
    for step in range(steps):
        batch.clear()
        for session in range(sessions):
            batch.add(draws.randrange(vocabulary), prompt + step, session, True)
        decode(context, batch)
    if steps:
        speeds["decode"] = sessions * steps / (time.perf_counter() - start)
    llama.llama_batch_free(batch.raw)
    return speeds


def main() -> None:
    """Prints, by workload and use of flash attention, the speeds of all repetitions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=1)
    options = parser.parse_args()
    model = load(options.model)
    vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))
    size = (options.sessions, options.prompt + max(options.steps, WARM_UP_STEPS), options.threads)
    contexts = {
        "flash attention " + name: new_context(model, *size, flash)
        for name, flash in [("off", False), ("on", True)]
    }
    for context in contexts.values():
        measure(context, vocabulary, options.sessions, options.prompt, WARM_UP_STEPS)
    speeds: dict[str, dict[str, list[float]]] = {}
    for _ in range(options.repetitions):
        for name, context in contexts.items():
            result = measure(context, vocabulary, options.sessions, options.prompt, options.steps)
            for workload, value in result.items():
                speeds.setdefault(workload, {}).setdefault(name, []).append(value)
    system = llama.llama_print_system_info().decode()
    print(json.dumps({"speeds": speeds, "system": system}))


if __name__ == "__main__":
    main()
