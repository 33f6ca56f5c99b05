#!/usr/bin/env python3
"""Wall, CPU and memory of filter_somatic.py beside FilterMutectCalls on the same many raw records.

`benchmarks/somatic_speed.py --folder calls` repeats the raw calls of one simulated pair of `somatic_filter.py` (made
there if need be) along a contig until there are 100,000 records, and runs both filters on them; ours again on
1,000,000 records for its memory.
"""

import argparse
import gzip
import re
import subprocess
import sys
from pathlib import Path

import somatic_chain as chain
from measure import measured
from somatic_filter import BIN, SETTINGS

RECORDS, MANY = 100_000, 1_000_000
LINE = 80  # bases of a line of the FASTA
SHIFTED = re.compile(r"^(\d+)(_.*)?$")  # a position, alone (PS) or with its alleles (PID)


def _shift(line: str, by: int) -> str:
    fields = line.split("\t")
    fields[1] = str(int(fields[1]) + by)
    keys = fields[8].split(":")
    for column in range(9, len(fields)):
        values = fields[column].split(":")
        for i, key in enumerate(keys[: len(values)]):
            found = SHIFTED.match(values[i]) if key in ("PS", "PID") else None
            if found:
                values[i] = f"{int(found[1]) + by}{found[2] or ''}"
        fields[column] = ":".join(values)
    return "\t".join(fields)


def repeated(source: Path, place: Path, records: int) -> int:
    """Write raw calls, reference and side files of so many records into `place`; gives their number."""
    place.mkdir(parents=True, exist_ok=True)
    sequence = "".join((source / "ref.fa").read_text().splitlines()[1:])
    with gzip.open(source / "raw.vcf.gz", "rt") as text:
        lines = text.read().splitlines()
    body = [line for line in lines if not line.startswith("#")]
    copies = -(-records // len(body))
    length = copies * len(sequence)
    with (place / "raw.vcf").open("w") as out:
        for line in lines[: len(lines) - len(body)]:
            out.write((f"##contig=<ID=chr1,length={length}>" if line.startswith("##contig") else line) + "\n")
        for copy in range(copies):
            out.writelines(_shift(line, copy * len(sequence)) + "\n" for line in body)
    whole = sequence * copies
    with (place / "ref.fa").open("w") as out:
        out.write(">chr1\n")
        out.writelines(whole[i : i + LINE] + "\n" for i in range(0, length, LINE))
    (place / "ref.dict").unlink(missing_ok=True)
    for command in (
        ["bgzip", "-f", "raw.vcf"],
        ["tabix", "-f", "-p", "vcf", "raw.vcf.gz"],
        ["samtools", "faidx", "ref.fa"],
        ["samtools", "dict", "ref.fa", "-o", "ref.dict"],
    ):
        chain.run(command, cwd=place)
    _side_files(source, place, copies, len(sequence))
    return copies * len(body)


def _side_files(source: Path, place: Path, copies: int, length: int) -> None:
    for name in ("orientation.tar.gz", "contamination.table"):
        (place / name).write_bytes((source / name).read_bytes())
    rows = [line.split("\t") for line in (source / "raw.vcf.gz.stats").read_text().splitlines()]
    (place / "raw.vcf.gz.stats").write_text(
        "".join(f"{name}\t{value if name != 'callable' else float(value) * copies}\n" for name, value in rows)
    )
    made = []
    for line in (source / "segments.table").read_text().splitlines():
        fields = line.split("\t")
        if not line.startswith(("#", "contig")):
            made += [
                "\t".join([fields[0], *(str(int(x) + copy * length) for x in fields[1:3]), *fields[3:]])
                for copy in range(copies)
            ]
        else:
            made.append(line)
    (place / "segments.table").write_text("\n".join(made) + "\n")


def ours(place: Path) -> tuple[float, float, float]:
    """Wall s, CPU s, MiB of filter_somatic.py."""
    return measured([sys.executable, BIN / "filter_somatic.py", "--vcf", "raw.vcf.gz", "--stats", "raw.vcf.gz.stats",
                     *chain.SIDE, "--reference", "ref.fa", "--tumor", "T", "--normal", "N",
                     "--out", "twohit.vcf.gz"], place)  # fmt: skip


def theirs(place: Path) -> tuple[float, float, float]:
    """Wall s, CPU s, MiB of FilterMutectCalls, with Java's whole compiler: the data are large."""
    return measured([*chain.GATK, "FilterMutectCalls", "-R", "ref.fa", "-V", "raw.vcf.gz", "--stats",
                     "raw.vcf.gz.stats", "--ob-priors", "orientation.tar.gz", "--contamination-table",
                     "contamination.table", "--tumor-segmentation", "segments.table", "-O", "gatk.vcf.gz"],
                    place)  # fmt: skip


def main() -> None:
    """Make the records, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="raw calls are kept here")
    parser.add_argument("--records", type=int, default=RECORDS, help="records both filters judge (100,000)")
    parser.add_argument("--many", type=int, default=MANY, help="records for our memory; 0: leave out (1,000,000)")
    parser.add_argument("--rounds", type=int, default=1, help="the shortest wall of so many runs of each counts (1)")
    arguments = parser.parse_args()
    source = chain.raw_calls(next(s for s in SETTINGS if s.name == "high"), arguments.folder)
    place = arguments.folder / "speed"
    n = repeated(source, place, arguments.records)
    found = {"twohit": [], "FilterMutectCalls": []}
    for _ in range(arguments.rounds):
        found["twohit"].append(ours(place))
        found["FilterMutectCalls"].append(theirs(place))
    best = {name: min(rows) for name, rows in found.items()}
    for name, (wall, cpu, peak) in best.items():
        print(f"{name}: {n} records, {wall:.1f} s wall, {cpu:.1f} s CPU, {peak:.0f} MiB")
    (wall, cpu, peak), (their_wall, their_cpu, _) = best["twohit"], best["FilterMutectCalls"]
    print(f"ratio: {wall / their_wall:.3f} wall, {cpu / their_cpu:.3f} CPU", flush=True)
    if arguments.many:
        many = repeated(source, place, arguments.many)
        wall, cpu, more = ours(place)
        print(f"twohit: {many} records, {wall:.1f} s wall, {cpu:.1f} s CPU, {more:.0f} MiB")
        print(f"a record more: {(more - peak) * 2**20 / (many - n):.0f} bytes")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error.cmd}: {error.stderr}") from error
