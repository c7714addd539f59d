"""Answers ProsQA questions with the embedded model in transformers and prints speed as JSON.

Continuous thoughts as in pipelines/coconut.lua, none as in pipelines/direct.lua. Batches of
questions of similar length are padded on the left; every pass reuses the cache, thoughts leave the
output head out, and decoding ends when all answers of the batch have ended.
"""

import argparse
import json
import pathlib
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, PreTrainedTokenizerBase

ANSWER_PREFIX = "###"
NEW_TOKENS = 15


class Reader:
    """A batch of sequences under way: the cache, and which of its columns are padding."""

    def __init__(self, model: torch.nn.Module, real: torch.Tensor) -> None:
        self.model = model
        self.cache = DynamicCache()
        self.real = real[:, :0]
        self.padded = bool((real == 0).any())
        self.prompt = real

    def read(self, **rows: torch.Tensor) -> torch.Tensor:
        """Hidden states of the last column after rows, ids or vectors, were read, [B, 1, D]."""
        new = (
            self.prompt
            if self.real.shape[1] == 0
            else torch.ones(next(iter(rows.values())).shape[:2], dtype=torch.long)
        )
        self.real = torch.cat([self.real, new], 1)
        places: dict[str, torch.Tensor] = {}
        if self.padded:
            positions = (self.real.cumsum(1) - 1).clamp(min=0)[:, -new.shape[1] :]
            places = {"attention_mask": self.real, "position_ids": positions}
        output = self.model.model(**rows, **places, past_key_values=self.cache, use_cache=True)
        return output.last_hidden_state[:, -1:]


def answer(
    model: torch.nn.Module, tokenizer: PreTrainedTokenizerBase, questions: list[str], thoughts: int
) -> list[list[int]]:
    """The greedy answers to a batch of questions, without the token that ends them."""
    marks = tokenizer.init_kwargs["latent_tokens"]
    opening = [tokenizer.convert_tokens_to_ids(marks["start"])] if thoughts else []
    closing = [tokenizer.convert_tokens_to_ids(marks["end"])] if thoughts else []
    closing += tokenizer(ANSWER_PREFIX, add_special_tokens=False).input_ids
    if not thoughts:
        opening, closing = closing, []
    rows = [ids + opening for ids in tokenizer(questions).input_ids]
    batch = tokenizer.pad({"input_ids": rows}, padding_side="left", return_tensors="pt")
    reader = Reader(model, batch["attention_mask"])
    state = reader.read(input_ids=batch["input_ids"])
    for _ in range(thoughts):
        state = reader.read(inputs_embeds=state)
    if closing:
        state = reader.read(input_ids=torch.tensor([closing] * len(questions)))
    return decode(reader, state, tokenizer.eos_token_id)


def decode(reader: Reader, state: torch.Tensor, end: int) -> list[list[int]]:
    """Greedy tokens from hidden states on, up to the end token of each sequence."""
    columns = []
    ended = torch.zeros(len(state), dtype=torch.bool)
    for step in range(NEW_TOKENS):
        tokens = reader.model.lm_head(state)[:, -1].argmax(-1)
        columns.append(tokens)
        ended |= tokens == end
        if ended.all() or step == NEW_TOKENS - 1:
            break
        state = reader.read(input_ids=tokens[:, None])
    rows = torch.stack(columns, 1).tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


def main() -> None:
    """Prints questions a second by mode and batch size, and the share that was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("dataset", type=pathlib.Path)
    parser.add_argument("--thoughts", type=int, default=6)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    problems = json.loads(options.dataset.read_text())[: options.limit]
    problems.sort(key=lambda problem: len(problem["question"]))
    right = 0
    with torch.inference_mode():
        for _ in range(3):
            answer(model, tokenizer, [problems[0]["question"]] * options.batch, options.thoughts)
        start = time.perf_counter()
        for first in range(0, len(problems), options.batch):
            batch = problems[first : first + options.batch]
            questions = [problem["question"] for problem in batch]
            answers = answer(model, tokenizer, questions, options.thoughts)
            targets = tokenizer([problem["answer"] for problem in batch]).input_ids
            right += sum(map(list.__eq__, answers, targets))
        seconds = time.perf_counter() - start
    result = {"questions": len(problems), "seconds": seconds, "right": right}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
