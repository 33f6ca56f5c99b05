#!/usr/bin/env python3
"""What a run takes, measured on two runs of different size and scaled: CPU time, memory, cost.

    benchmarks/resources.py SMALL LARGE [--target-bases 35e6] [--cells 10000] [--price 0.05]

SMALL and LARGE are results folders of natively run patients with DNA and cells, e.g. of the profiles test and demo.
Every step is a line through both: seconds of CPU = start + slope x size, where size is reads (DNA) or cells. An exome
of TARGET-BASES has as many reads for a base of target as LARGE has. CPU time is used because other work on the machine
does not change it; what a step waits for the disk is not in it. A slope below zero is noise and counts as none.
"""

import argparse
import csv
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SIZES = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
HOUR = 3600.0  # seconds


def seconds(text: str) -> float:
    """'1m 49s' -> 109.0"""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|h|d)", text))


def megabytes(text: str) -> float:
    """'1.2 GB' -> 1228.8"""
    found = re.fullmatch(r"([\d.]+) ([KMG]B)", text)
    return float(found[1]) * SIZES[found[2]] / 2**20 if found else 0.0


def labels() -> dict[str, str]:
    """Label of each process, as its file says."""
    found = {}
    for path in ROOT.glob("modules/**/*.nf"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"^process (\w+)", text, re.MULTILINE):
            label = re.search(r"label '(\w+)'", text)
            found[name] = label[1] if label else "none"
    return found


class Results:
    """Sizes of a results folder, and CPU seconds and peak memory of each step in it."""

    def __init__(self, folder: Path):
        told = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/dna/*.alignment_qc.json")]
        self.reads = sum(item["reads"] for item in told)
        self.target = max(item["target_bases"] for item in told)
        self.cells = sum(
            len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in folder.glob("*/cells/P?.cells.tsv")
        )
        self.cpu: dict[str, float] = {}
        self.peak: dict[str, float] = {}
        with open(folder / "run" / "trace.tsv", newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                name = row["name"].split(" ")[0]
                used = seconds(row["realtime"]) * float(row["%cpu"].rstrip("%") or 0) / 100
                self.cpu[name] = self.cpu.get(name, 0.0) + used
                self.peak[name] = max(self.peak.get(name, 0.0), megabytes(row["peak_rss"]))


def scaled(small: Results, large: Results, name: str, size: float, sizes: tuple[float, float]) -> float:
    """CPU seconds of a step at a size, on the line through both runs."""
    slope = max(0.0, (large.cpu[name] - small.cpu.get(name, large.cpu[name])) / (sizes[1] - sizes[0]))
    return large.cpu[name] + slope * (size - sizes[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("small", type=Path)
    arguments.add_argument("large", type=Path)
    arguments.add_argument("--target-bases", type=float, default=35e6, help="bases of the exome's targets")
    arguments.add_argument("--cells", type=float, default=10_000)
    arguments.add_argument("--price", type=float, default=0.05, help="of a core for an hour")
    given = arguments.parse_args()
    small, large, label = Results(given.small), Results(given.large), labels()
    reads = large.reads / large.target * given.target_bases
    print(f"reads: {small.reads:,} and {large.reads:,}, scaled to {reads:,.0f}")
    print(f"cells: {small.cells:,} and {large.cells:,}, scaled to {given.cells:,.0f}")
    print("| step | label | CPU s | peak MB | scaled, core hours |\n|---|---|---|---|---|")
    hours = {"reads": 0.0, "cells": 0.0, "rest": 0.0}
    for name in large.cpu:
        step = name.split(":")[-1]
        if step in ("SIMULATE", "CHECK_SAMPLESHEET"):
            continue
        kind = {"BULK": "reads", "CELLS": "cells"}.get(name.split(":")[0], "rest")
        size, sizes = {
            "reads": (reads, (small.reads, large.reads)),
            "cells": (given.cells, (small.cells, large.cells)),
            "rest": (1.0, (0.0, 1.0)),
        }[kind]
        told = scaled(small, large, name, size, sizes) / HOUR
        hours[kind] += told
        measured = f"{small.cpu.get(name, 0):.1f}, {large.cpu[name]:.1f}"
        print(f"| {step} | {label.get(step)} | {measured} | {large.peak[name]:.0f} | {told:.3f} |")
    for kind, told in hours.items():
        print(f"{kind}: {told:.2f} core hours, {told * given.price:.2f} at {given.price} an hour")


if __name__ == "__main__":
    main()
