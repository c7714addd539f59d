"""What is measured: for each case, the programs that do the same work."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runners import (
    Runner,
    llama_cpp,
    tacit_answers,
    tacit_bench,
    tacit_commands,
    transformers,
    transformers_answers,
)

ROOT = Path(__file__).parents[2]
RECIPES = [
    "direct",
    "chain_of_thought",
    "coconut",
    "coconut_residual",
    "coconut_contrastive",
    "self_consistency",
]
QUESTIONS = 4000


@dataclass(frozen=True)
class Case:
    """The same work by several programs."""

    measure: str
    title: str
    unit: str
    runners: list[Runner]


@dataclass(frozen=True)
class Setup:
    """What cases are made of."""

    tacit: str
    threads: int
    files: dict[str, Path]
    problems: Path

    def both(self, kind: str, workload: str, *arguments: object) -> list[Runner]:
        """Our two ways to treat activations, on the file of a format."""
        common = ("--model", self.files[kind], "--threads", self.threads, *arguments)
        return [
            tacit_bench(f"Tacit {way}", self.tacit, workload, *common, "--activations", way)
            for way in ["exact", "fast"]
        ]

    def llama(self, kind: str, workload: str, *arguments: object) -> Runner:
        """llama.cpp on the file of a format."""
        return llama_cpp(workload, self.files[kind], "--threads", self.threads, *arguments)

    def torch(self, kind: str, workload: str, *arguments: object) -> Runner:
        """transformers on the folder, in an element type."""
        name = "transformers " + {"bfloat16": "BF16", "float32": "F32"}[kind]
        common = (self.files["folder"], "--threads", self.threads, "--dtype", kind)
        return transformers(name, workload, *common, *arguments)


def decode_cases(setup: Setup) -> Iterator[Case]:
    """One session, 32 steps after 128 positions."""
    for kind in ["BF16", "Q8_0", "Q4_0"]:
        runners = setup.both(kind, "decode", "--sessions", 1, "--context", 128, "--steps", 32)
        runners.append(setup.llama(kind, "decode", "--prompt", 128, "--steps", 32))
        if kind == "BF16":
            runners.append(setup.torch("bfloat16", "decode"))
        yield Case("decode", f"decode, 1 session, {kind}", "tokens/s", runners)


def prefill_cases(setup: Setup) -> Iterator[Case]:
    """A prompt of 512 positions."""
    for kind in ["BF16", "Q8_0", "Q4_0"]:
        runners = setup.both(kind, "prefill", "--sessions", 1, "--prompt", 512)
        runners.append(setup.llama(kind, "prefill", "--prompt", 512))
        if kind == "BF16":
            runners.append(setup.torch("bfloat16", "prefill", "--prompt", 512))
        yield Case("prefill", f"prefill of 512, {kind}", "tokens/s", runners)


def batch_cases(setup: Setup) -> Iterator[Case]:
    """Sessions with prompts of 32 positions of their own, 32 steps each, all together."""
    for sessions in [16, 32]:
        for kind in ["BF16", "Q8_0"]:
            runners = setup.both(
                kind, "decode", "--sessions", sessions, "--context", 32, "--steps", 32
            )
            size = ("--sessions", sessions, "--prompt", 32, "--steps", 32)
            runners.append(setup.llama(kind, "decode", *size))
            yield Case("batch", f"decode, {sessions} sessions, {kind}", "tokens/s", runners)


def latent_cases(setup: Setup) -> Iterator[Case]:
    """Thoughts after 128 positions; llama.cpp, which has none, decodes tokens instead."""
    runners = setup.both("BF16", "latent", "--sessions", 1, "--context", 128, "--steps", 32)
    runners.append(setup.llama("BF16", "decode", "--prompt", 128, "--steps", 32))
    runners.append(setup.torch("bfloat16", "latent"))
    yield Case("latent", "latent steps, 1 session, BF16", "steps/s", runners)
    runners = setup.both("BF16", "latent", "--sessions", 16, "--context", 128, "--steps", 16)
    for kind in ["bfloat16", "float32"]:
        runners.append(setup.torch(kind, "latent", "--sessions", 16))
    yield Case("latent", "latent steps, 16 sessions, BF16", "steps/s", runners)


def answer_cases(setup: Setup) -> Iterator[Case]:
    """ProsQA questions to the embedded model, end to end."""
    model = ROOT / "Sources/TacitCheckpoint/models/prosqa"
    for recipe, thoughts in [("coconut", 6), ("direct", 0)]:
        for batch in [1, 32]:
            path = str(ROOT / f"pipelines/{recipe}.lua")
            ours = (setup.tacit, path, setup.problems, QUESTIONS)
            flags = ("--concurrency", batch, "--threads", setup.threads)
            runners = [tacit_answers(*ours, *flags)]
            common = ("--limit", QUESTIONS, "--threads", setup.threads)
            runners.append(
                transformers_answers(
                    model, setup.problems, "--thoughts", thoughts, "--batch", batch, *common
                )
            )
            yield Case("answers", f"{recipe}, {batch} at a time", "questions/s", runners)


def recipe_cases(setup: Setup) -> Iterator[Case]:
    """Six recipes over 100 questions, compared at once or evaluated one after the other."""
    paths = [str(ROOT / f"pipelines/{name}.lua") for name in RECIPES]
    common = ["-d", "prosqa", "--limit", "100", "--threads", str(setup.threads)]
    runners = [
        tacit_commands("compare", True, setup.tacit, [["compare", *paths, *common]]),
        tacit_commands(
            "six evals", False, setup.tacit, [["eval", path, *common] for path in paths]
        ),
    ]
    yield Case("recipes", "six recipes, 100 questions", "times/s", runners)


CASES = {
    "decode": decode_cases,
    "prefill": prefill_cases,
    "batch": batch_cases,
    "latent": latent_cases,
    "answers": answer_cases,
    "recipes": recipe_cases,
}
NEEDS_FILES = {"decode", "prefill", "batch", "latent"}
