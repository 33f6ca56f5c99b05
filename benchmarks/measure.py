"""Time and memory of a command, for benchmarks."""

import subprocess
import sys
from pathlib import Path


def measured(command: list, folder: Path) -> tuple[float, float, float]:
    """Wall s, CPU s and peak MiB of a command.

    A small process starts it: Linux counts the memory of what starts a command into the command's peak.
    """
    code = (
        "import resource, subprocess, sys, time; start = time.perf_counter(); "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command)], cwd=folder, check=True, capture_output=True, text=True
    )
    wall, cpu, peak = (float(word) for word in done.stdout.split())
    return wall, cpu, peak
