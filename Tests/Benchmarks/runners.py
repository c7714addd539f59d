"""Programs that are measured: each is run as a command and says how fast it was."""

import importlib.metadata
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PEERS = {
    "llama.cpp": ("llama_cpp", "llama-cpp-python", "CMAKE_ARGS=-DGGML_NATIVE=ON pip install"),
    "transformers": ("transformers", "transformers torch", "pip install"),
    "gguf": ("gguf", "gguf", "pip install"),
}


@dataclass
class Outcome:
    """What one run of a program gave: a speed, and what else is worth a note."""

    speed: float
    notes: dict[str, object] = field(default_factory=dict)
    foreign_load: float = 0.0


@dataclass(frozen=True)
class Runner:
    """A program, whether it is ours, and how it is run once; `launcher` begins every command."""

    name: str
    is_ours: bool
    run: Callable[[Sequence[str]], Outcome]


def missing_peers() -> dict[str, str]:
    """How to get the packages that are not installed, by the name of the program."""
    hints = {}
    for name, (module, packages, command) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            no_binary = " --no-binary llama-cpp-python" if name == "llama.cpp" else ""
            hints[name] = f"{command}{no_binary} {packages}"
    return hints


def versions() -> dict[str, str]:
    """Versions of the packages that are installed."""
    found = {}
    for package in ["llama-cpp-python", "transformers", "torch", "gguf", "numpy"]:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def run_command(command: Sequence[str]) -> str:
    """Standard output of a command; its messages are shown if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def last_json(text: str) -> dict[str, object]:
    """The JSON object on the last line."""
    return json.loads(text.strip().splitlines()[-1])


def tacit_bench(name: str, tacit: str, workload: str, *arguments: object) -> Runner:
    """One workload of `tacit bench`."""

    def run(launcher: Sequence[str]) -> Outcome:
        command = [*launcher, tacit, "bench", "--workloads", workload, "--format", "json"]
        command += ["--quiet", "--no-limits", "--repetitions", "1", *map(str, arguments)]
        report = json.loads(run_command(command))
        (line,) = report["results"]
        notes = {"bytes_per_step": line["bytes_per_step"]}
        return Outcome(line["positions_per_second"]["median"], notes)

    return Runner(name, True, run)


def llama_cpp(workload: str, *arguments: object) -> Runner:
    """A workload of llama.cpp, with flash attention or without: whichever was faster."""

    def run(launcher: Sequence[str]) -> Outcome:
        command = [*launcher, sys.executable, str(HERE / "llama_cpp_runner.py")]
        report = last_json(run_command([*command, *map(str, arguments)]))
        medians = {
            variant: statistics.median(values)
            for variant, values in report["speeds"][workload].items()
        }
        best = max(medians, key=medians.__getitem__)
        return Outcome(medians[best], {"variant": best, "medians": medians})

    return Runner("llama.cpp", False, run)


def transformers(name: str, workload: str, *arguments: object) -> Runner:
    """A workload of transformers."""

    def run(launcher: Sequence[str]) -> Outcome:
        command = [*launcher, sys.executable, str(HERE / "transformers_runner.py")]
        command += ["--workloads", workload, *map(str, arguments)]
        report = last_json(run_command(command))
        return Outcome(statistics.median(report["speeds"][workload]))

    return Runner(name, False, run)


def transformers_answers(*arguments: object) -> Runner:
    """Questions that transformers answers a second, without the start of the process."""

    def run(launcher: Sequence[str]) -> Outcome:
        command = [*launcher, sys.executable, str(HERE / "prosqa_runner.py")]
        report = last_json(run_command([*command, *map(str, arguments)]))
        accuracy = report["right"] / report["questions"]
        return Outcome(report["questions"] / report["seconds"], {"accuracy": accuracy})

    return Runner("transformers", False, run)


def tacit_answers(
    tacit: str, recipe: str, dataset: Path, questions: int, *arguments: object
) -> Runner:
    """Questions that `tacit eval` answers a second, without the start of the process.

    The time of a run of one question, which reads all problems as well, is taken off.
    """

    def run(launcher: Sequence[str]) -> Outcome:
        command = [tacit, "eval", recipe, "-d", str(dataset), "--json", *map(str, arguments)]
        start, _ = timed_run(launcher, [*command, "--limit", "1"])
        seconds, output = timed_run(launcher, [*command, "--limit", str(questions)])
        accuracy = json.loads(output)[0]["results"]["accuracy"]
        return Outcome((questions - 1) / (seconds - start), {"accuracy": accuracy})

    return Runner("Tacit", True, run)


def tacit_commands(name: str, is_ours: bool, tacit: str, commands: list[list[str]]) -> Runner:
    """Times a second that a list of commands, one after the other, can be run."""

    def run(launcher: Sequence[str]) -> Outcome:
        runs = [timed_run(launcher, [tacit, *command]) for command in commands]
        return Outcome(1 / sum(seconds for seconds, _ in runs))

    return Runner(name, is_ours, run)


def timed_run(launcher: Sequence[str], command: Sequence[str]) -> tuple[float, str]:
    """Seconds and output of a command that writes its run into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        timer = [sys.executable, str(HERE / "stopwatch.py")]
        arguments = ["--quiet", "--out", f"{folder}/run"]
        output = run_command([*launcher, *timer, *command, *arguments])
        seconds, _, rest = output.partition("\n")
        return float(seconds), rest
