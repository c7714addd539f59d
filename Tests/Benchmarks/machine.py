"""The machine that measures: its name, and how much of it other processes take."""

import os
import platform
import time
from pathlib import Path


def processor() -> str:
    """The name of the processor and how many the machine has."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = lines[0].split(":")[1].strip() if lines else name
    return f"{name}, {os.cpu_count()} processors"


class ForeignLoad:
    """What other processes take of the processors, from its creation on."""

    def __init__(self) -> None:
        self.start = time.perf_counter(), *self.seconds()

    def seconds(self) -> tuple[float, float]:
        """Seconds that all processors were busy or stolen, and those of our children."""
        stat = Path("/proc/stat")
        if not stat.exists():
            return 0.0, 0.0
        fields = [int(text) for text in stat.read_text().splitlines()[0].split()[1:]]
        user, nice, system, _, _, interrupt, soft_interrupt, stolen = fields[:8]
        busy = user + nice + system + interrupt + soft_interrupt + stolen
        times = os.times()
        own = times.children_user + times.children_system + times.user + times.system
        return busy / os.sysconf("SC_CLK_TCK"), own

    def share(self) -> float:
        """The share of all processors, from 0 to 1; 0 where the system does not say."""
        elapsed = time.perf_counter() - self.start[0]
        busy, own = self.seconds()
        foreign = busy - self.start[1] - (own - self.start[2])
        return max(0.0, foreign / elapsed / (os.cpu_count() or 1))
