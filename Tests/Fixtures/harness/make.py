"""Sample logs as lm-evaluation-harness 0.4.13 writes them, of a model whose answers are listed here.

python make.py  writes samples_{sums,votes,choices}.jsonl beside this file (datasets 5.2.0).
"""

import json
import pathlib
import tempfile

from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker

HERE = pathlib.Path(__file__).parent
HOSTILE = "<script>alert(1)</script> \u202eabc\u202c \x00\x1b[31m\x7f\u2028 é"

SUMS = [
    {"question": "1 + 1 = ?", "answer": "2"},
    {"question": HOSTILE, "answer": "3"},
    {"question": "2 + 2 = ?", "answer": "4"},
]
CHOICES = [
    {"question": "Which is a colour?", "choices": ["red", "seven"], "gold": 0},
    {"question": "Which is a number?", "choices": ["blue", "eight"], "gold": 1},
]

EXTRACT = [
    {
        "name": "strict-match",
        "filter": [
            {"function": "regex", "regex_pattern": "#### (\\-?[0-9\\.\\,]+)"},
            {"function": "take_first"},
        ],
    },
    {
        "name": "flexible-extract",
        "filter": [
            {"function": "regex", "group_select": -1, "regex_pattern": "(-?[0-9]+)"},
            {"function": "take_first"},
        ],
    },
]
VOTE = [
    {
        "name": "majority",
        "filter": [
            {"function": "regex", "regex_pattern": "(-?[0-9]+)"},
            {"function": "majority_vote"},
            {"function": "take_first"},
        ],
    },
    {
        "name": "first",
        "filter": [
            {"function": "regex", "regex_pattern": "(-?[0-9]+)"},
            {"function": "take_first"},
        ],
    },
]


class Listed(LM):
    """Says what the list says, in the order of the requests."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    def generate_until(self, requests, disable_tqdm=False):
        return self.answers[: len(requests)]

    def loglikelihood(self, requests, disable_tqdm=False):
        return self.answers[: len(requests)]

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError


def write(name, docs, answers, **config):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data.json"
        data.write_text(json.dumps(docs))
        task = {
            "task": name,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(data)}},
            "test_split": "test",
            "doc_to_text": "Q: {{question}}\nA:",
            **config,
        }
        tracker = EvaluationTracker(output_path=folder)
        results = simple_evaluate(
            Listed(answers), tasks=[task], log_samples=True, evaluation_tracker=tracker
        )
        tracker.general_config_tracker.model_name_sanitized = "listed"
        tracker.date_id = "x"
        tracker.save_results_samples(name, results["samples"][name])
        (log,) = pathlib.Path(folder).glob("listed/samples_*.jsonl")
        (HERE / f"samples_{name}.jsonl").write_bytes(log.read_bytes())


if __name__ == "__main__":
    generation = {
        "output_type": "generate_until",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["\n\n"], "do_sample": False},
        "metric_list": [{"metric": "exact_match"}],
    }
    write(
        "sums", SUMS, ["1 and 1.\n#### 2", HOSTILE + " 3", "none"],
        filter_list=EXTRACT, **generation,
    )
    write(
        "votes", SUMS[:1], ["3", "2", "2"], filter_list=VOTE, repeats=3, **generation
    )
    write(
        "choices", CHOICES, [(-1.5, True), (-2.5, False), (-0.5, True), (-0.75, False)],
        output_type="multiple_choice", doc_to_choice="choices", doc_to_target="gold",
        metric_list=[{"metric": "acc"}, {"metric": "acc_norm"}],
    )
