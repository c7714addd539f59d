"""Medians over rounds, ratios to the fastest peer, and the table of both."""

import statistics
from collections.abc import Iterable

from measures import Case
from runners import Outcome


class Results:
    """The outcomes of one case, by the program's name and in the order of the rounds."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.ours: set[str] = set()
        self.outcomes: dict[str, list[Outcome]] = {}

    def add(self, name: str, is_ours: bool, outcome: Outcome) -> None:
        """Notes what a program gave in the present round."""
        self.outcomes.setdefault(name, []).append(outcome)
        if is_ours:
            self.ours.add(name)

    def speeds(self, name: str) -> list[float]:
        """The speeds of a program, one a round."""
        return [outcome.speed for outcome in self.outcomes[name]]

    def best_peer(self) -> str | None:
        """The peer with the greatest median; none where all programs are ours."""
        peers = [name for name in self.outcomes if name not in self.ours]
        return max(peers, key=lambda name: statistics.median(self.speeds(name)), default=None)

    def ratios(self, name: str) -> list[float]:
        """The speed of a program over that of the best peer in the same round."""
        best = self.best_peer()
        if best is None or name == best:
            return []
        return [own / peer for own, peer in zip(self.speeds(name), self.speeds(best), strict=True)]

    def bytes_per_step(self) -> float | None:
        """Bytes of weights that a step reads, as the first program that says so counts them."""
        for outcomes in self.outcomes.values():
            if "bytes_per_step" in outcomes[-1].notes:
                return outcomes[-1].notes["bytes_per_step"]
        return None

    def record(self) -> dict[str, object]:
        """Everything, for JSON."""
        programs = {
            name: {
                "median": statistics.median(self.speeds(name)),
                "values": self.speeds(name),
                "ratio": statistics.median(self.ratios(name) or [1.0]),
                "ours": name in self.ours,
                "foreign_load": [outcome.foreign_load for outcome in outcomes],
                "notes": [outcome.notes for outcome in outcomes if outcome.notes],
            }
            for name, outcomes in self.outcomes.items()
        }
        return {
            "measure": self.case.measure,
            "case": self.case.title,
            "unit": self.case.unit,
            "best_peer": self.best_peer(),
            "programs": programs,
        }


def markdown(results: Iterable[Results], bandwidth: float | None) -> str:
    """The table; `bandwidth` is what the machine reads, in bytes a second."""
    lines = [
        "| case | program | median | range | ratio to the best peer | range | notes |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for result in results:
        best = result.best_peer()
        for name in result.outcomes:
            speeds, ratios = result.speeds(name), result.ratios(name)
            cells = [result.case.title, f"**{name}**" if name in result.ours else name]
            cells += [f"{number(statistics.median(speeds))} {result.case.unit}", spread(speeds)]
            if ratios:
                cells += [f"{statistics.median(ratios):.2f}", spread(ratios, "{:.2f}")]
            else:
                cells += ["best peer" if name == best else "", ""]
            cells.append(notes(result, name, bandwidth))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def notes(result: Results, name: str, bandwidth: float | None) -> str:
    """The share of the bandwidth, the accuracy, the variant that was taken, and disturbances."""
    found = []
    step = result.bytes_per_step()
    if result.case.measure == "decode" and step and bandwidth:
        rate = step * statistics.median(result.speeds(name))
        found.append(f"{100 * rate / bandwidth:.0f} % of read bandwidth")
    last = result.outcomes[name][-1].notes
    if "accuracy" in last:
        found.append(f"{100 * last['accuracy']:.1f} % right")
    if "variant" in last:
        found.append(str(last["variant"]))
    disturbed = max(outcome.foreign_load for outcome in result.outcomes[name])
    if disturbed > 0.05:
        found.append(f"other processes took up to {100 * disturbed:.0f} % of the machine")
    return ", ".join(found)


def number(value: float) -> str:
    """Three significant digits, whole numbers from 100 on."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(values: list[float], form: str | None = None) -> str:
    """The least and the greatest of some values."""
    if len(values) < 2:
        return ""
    texts = [form.format(value) if form else number(value) for value in (min(values), max(values))]
    return "–".join(texts)
