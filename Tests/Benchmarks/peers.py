"""Measures Tacit, llama.cpp and transformers side by side on the same weights and the same work.

Usage: python3 Tests/Benchmarks/peers.py [--measures decode,prefill,…] [--rounds 3]

In every round each program does the work of a case once, in rotating order; ratios are taken
within a round, so that a machine that is fast or slow for a while matters little. Prints a table in
Markdown and writes all values as JSON. Needs `swift build -c release`, and says how to get peers
that are not installed. The model, random weights in the shape of Qwen3-0.6B, is made once in
$TACIT_BENCH_CACHE (default ~/.cache/tacit-bench; 3.4 GB).
"""

import argparse
import datetime
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import machine
import measures
import ratio_table
import runners


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measures", default=",".join(measures.CASES), help="which, by name")
    parser.add_argument("--only", default="", help="only cases with this in their title")
    parser.add_argument("--without", default="", help="leaves out programs with this in their name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tacit", default=str(measures.ROOT / ".build/release/tacit"))
    parser.add_argument("--launcher", default="", help="begins every measured command: taskset …")
    parser.add_argument("--output", type=Path, default=measures.ROOT / "runs/bench/peers.json")
    options = parser.parse_args()
    unknown = set(options.measures.split(",")) - set(measures.CASES)
    if unknown:
        parser.error(f"--measures: expected {', '.join(measures.CASES)}, found {unknown.pop()}")
    if not Path(options.tacit).exists():
        parser.error(
            f"--tacit: expected a program, found none at {options.tacit}; try `make build`"
        )
    if options.rounds < 1:
        parser.error(f"--rounds: expected 1 or more, found {options.rounds}")
    return options


def read_bandwidth(tacit: str, threads: int, launcher: list[str]) -> float | None:
    """Bytes that the machine reads from memory a second, as `tacit bench` finds it."""
    command = [*launcher, tacit, "bench", "--config", "smollm2-135m", "--workloads", "decode"]
    command += ["--sessions", "1", "--repetitions", "1", "--threads", str(threads)]
    report = json.loads(runners.run_command([*command, "--format", "json", "--quiet"]))
    return report["limits"]["read_bytes_per_second"]


def prepare(options: argparse.Namespace, missing: dict[str, str]) -> measures.Setup:
    """Makes what is read: the model's files where they are needed, and the problems."""
    cache = Path(os.environ.get("TACIT_BENCH_CACHE", Path.home() / ".cache/tacit-bench"))
    cache.mkdir(parents=True, exist_ok=True)
    files = {}
    if "gguf" not in missing and measures.NEEDS_FILES & set(options.measures.split(",")):
        import random_model

        files = random_model.make(cache, random_model.QWEN3_06B)
    count = str(measures.QUESTIONS)
    problems = cache / f"prosqa-{count}.json"
    if not problems.exists():
        command = [options.tacit, "data", "prosqa", "--count", count, "--seed", "1"]
        subprocess.run([*command, "--output", str(problems)], check=True)
    return measures.Setup(options.tacit, options.threads, files, problems)


def chosen_cases(
    options: argparse.Namespace, setup: measures.Setup, missing: dict[str, str]
) -> list[measures.Case]:
    """The cases of the measures asked for, with the programs that are installed."""
    absent = [*missing, *filter(None, [options.without])]
    cases = []
    for measure in options.measures.split(","):
        if measure in measures.NEEDS_FILES and not setup.files:
            continue
        for case in measures.CASES[measure](setup):
            kept = [
                runner for runner in case.runners if not any(part in runner.name for part in absent)
            ]
            if options.only in case.title and kept:
                case.runners[:] = kept
                cases.append(case)
    return cases


def run_rounds(
    cases: list[measures.Case], rounds: int, launcher: list[str]
) -> list[ratio_table.Results]:
    """Runs every program of every case once a round."""
    results = [ratio_table.Results(case) for case in cases]
    for turn in range(rounds):
        for case, result in zip(cases, results, strict=True):
            first = turn % len(case.runners)
            for runner in case.runners[first:] + case.runners[:first]:
                load = machine.ForeignLoad()
                outcome = runner.run(launcher)
                outcome.foreign_load = load.share()
                result.add(runner.name, runner.is_ours, outcome)
                speed = f"{ratio_table.number(outcome.speed)} {case.unit}"
                print(f"round {turn + 1}: {case.title}: {runner.name}: {speed}", file=sys.stderr)
    return results


def main() -> None:
    """Measures, prints the table and writes the values."""
    options = parse()
    missing = runners.missing_peers()
    for name, command in missing.items():
        print(f"{name} is not installed and left out; to get it: {command}", file=sys.stderr)
    launcher = shlex.split(options.launcher)
    setup = prepare(options, missing)
    cases = chosen_cases(options, setup, missing)
    bandwidth = None
    if any(case.measure == "decode" for case in cases) and options.without != "Tacit":
        bandwidth = read_bandwidth(options.tacit, options.threads, launcher)
    results = run_rounds(cases, options.rounds, launcher)
    report = {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.processor(),
        "threads": options.threads,
        "rounds": options.rounds,
        "versions": runners.versions(),
        "read_bytes_per_second": bandwidth,
        "cases": [result.record() for result in results],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=1) + "\n")
    found = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    print(f"{report['date']}, {report['machine']}, {options.threads} threads; {found}\n")
    print(ratio_table.markdown(results, bandwidth))


if __name__ == "__main__":
    main()
