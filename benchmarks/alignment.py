#!/usr/bin/env python3
"""Wall time from reads to an analysis-ready BAM: our scripts against GATK's best-practice steps.

`benchmarks/alignment.py --folder DIR` simulates an exome-like sample of two lanes (10 % duplicates, reads off target),
runs both ways on the same reads and the same number of cores and prints seconds of each step and the ratio. GATK's
way, one tool after the other: bwa mem | samtools sort per lane, MarkDuplicates, BaseRecalibrator, ApplyBQSR,
CollectHsMetrics, DepthOfCoverage. Ours are the pipeline's two steps, align_lane.py per lane and
postprocess_alignment.py. With `--no-recalibration` both leave base recalibration out.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from measure import measured

BIN = Path(__file__).resolve().parents[1] / "bin"
CONTIGS, LENGTH = ("chr1", "chr2", "chr3", "chr4"), 2_000_000
READ, QUALITY = 150, 37
TARGET, SPACING = 300, 3000  # a target of so many bases, one in so many
ON_TARGET, DUPLICATES, ERROR = 0.8, 0.1, 0.003  # shares of pairs, of pairs, of bases
SITE_EVERY = 1000  # bases from one known site to the next
LANES = ("L1", "L2")
BASES = np.frombuffer(b"ACGT", np.uint8)
COMPLEMENT = np.zeros(256, np.uint8)
COMPLEMENT[BASES] = BASES[::-1]
PAIRS_AT_ONCE = 50_000


def make_reference(folder: Path, rng: np.random.Generator) -> np.ndarray:
    """Write ref.fa with its indices, targets.bed and known.vcf.gz; gives the bases, shape (contigs, LENGTH)."""
    bases = BASES[rng.integers(0, 4, (len(CONTIGS), LENGTH))]
    text = "".join(f">{name}\n{row.tobytes().decode()}\n" for name, row in zip(CONTIGS, bases, strict=True))
    (folder / "ref.fa").write_text(text)
    starts = range(1000, LENGTH - 2000, SPACING)
    (folder / "targets.bed").write_text("".join(f"{c}\t{s}\t{s + TARGET}\n" for c in CONTIGS for s in starts))
    head = "##fileformat=VCFv4.2\n" + "".join(f"##contig=<ID={c},length={LENGTH}>\n" for c in CONTIGS)
    rows = []
    for contig, row in zip(CONTIGS, bases, strict=True):
        for at in range(SITE_EVERY, LENGTH, SITE_EVERY):
            ref = chr(row[at])
            rows.append(f"{contig}\t{at + 1}\t.\t{ref}\t{'C' if ref == 'A' else 'A'}\t.\t.\t.\n")
    (folder / "known.vcf").write_text(f"{head}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n{''.join(rows)}")
    for line in ("bwa index ref.fa", "samtools faidx ref.fa", "samtools dict ref.fa -o ref.dict",
                 "bgzip -f known.vcf", "bcftools index -t known.vcf.gz",
                 "gatk BedToIntervalList -I targets.bed -O targets.interval_list -SD ref.dict"):  # fmt: skip
        subprocess.run(line.split(), cwd=folder, check=True, capture_output=True)
    return bases


def write_lane(folder: Path, lane: str, bases: np.ndarray, pairs: int, rng: np.random.Generator) -> None:
    """Write the reads of a lane, LANE_1.fastq.gz and LANE_2.fastq.gz; a pair's duplicates have its start and size."""
    contig = rng.integers(0, len(CONTIGS), pairs)
    size = np.clip(rng.normal(280, 50, pairs), READ + 5, 500).astype(int)
    near = 1000 + SPACING * rng.integers(0, (LENGTH - 4000) // SPACING, pairs) + rng.integers(-200, TARGET, pairs)
    start = np.where(rng.random(pairs) < ON_TARGET, near, rng.integers(0, LENGTH - 600, pairs))
    twin = np.flatnonzero(rng.random(pairs) < DUPLICATES)
    of = rng.integers(0, pairs, len(twin))
    contig[twin], size[twin], start[twin] = contig[of], size[of], start[of]
    streams = [
        subprocess.Popen(["bgzip", "-l", "1", "-c"], stdin=subprocess.PIPE, stdout=(folder / name).open("wb"))
        for name in (f"{lane}_1.fastq.gz", f"{lane}_2.fastq.gz")
    ]
    for low in range(0, pairs, PAIRS_AT_ONCE):
        some = slice(low, low + PAIRS_AT_ONCE)
        at = start[some, None] + np.arange(READ)
        left = bases[contig[some, None], at]
        right = COMPLEMENT[bases[contig[some, None], at + size[some, None] - READ]][:, ::-1]
        for stream, reads in zip(streams, (left, right), strict=True):
            stream.stdin.write(_fastq(lane, low, reads.copy(), rng))
    for stream in streams:
        stream.stdin.close()
        if stream.wait():
            raise SystemExit("bgzip failed")


def _fastq(lane: str, low: int, reads: np.ndarray, rng: np.random.Generator) -> bytes:
    """Text of reads, shape (n, READ); errors are put into them, and bases of low quality have more."""
    quality = np.where(rng.random(reads.shape) < 0.1, 15, QUALITY).astype(np.uint8)
    wrong = rng.random(reads.shape) < np.where(quality == QUALITY, ERROR / 3, 10 * ERROR / 3)
    reads[wrong] = BASES[rng.integers(0, 4, int(wrong.sum()))]
    lines = []
    for number, (bases, row) in enumerate(zip(reads, quality + 33, strict=True), low):
        lines.append(b"@%s:%d\n%s\n+\n%s\n" % (lane.encode(), number, bases.tobytes(), row.tobytes()))
    return b"".join(lines)


def gatk_steps(threads: int, recalibrate: bool) -> list[tuple[str, str]]:
    """Name and line of bash of each best-practice step."""
    steps = []
    for lane in LANES:
        group = f"@RG\\tID:{lane}\\tSM:S\\tLB:S\\tPL:ILLUMINA"
        align = f"bwa mem -t {threads} -K 10000000 -Y -R '{group}' ref.fa {lane}_1.fastq.gz {lane}_2.fastq.gz"
        steps.append((f"bwa mem | sort, {lane}", f"{align} | samtools sort -@ {threads} -o gatk.{lane}.bam -"))
    inputs, ready = " ".join(f"-I gatk.{lane}.bam" for lane in LANES), "gatk.md.bam"
    steps.append(("MarkDuplicates", f"gatk MarkDuplicates {inputs} -O {ready} -M gatk.md.txt --CREATE_INDEX true"))
    if recalibrate:
        steps.append(("BaseRecalibrator", f"gatk BaseRecalibrator -R ref.fa -I {ready} -L targets.bed "
                      "--interval-padding 100 --known-sites known.vcf.gz -O gatk.table"))  # fmt: skip
        steps.append(("ApplyBQSR", f"gatk ApplyBQSR -R ref.fa -I {ready} --bqsr-recal-file gatk.table -O gatk.bam"))
        ready = "gatk.bam"
    steps.append(("CollectHsMetrics", f"gatk CollectHsMetrics -I {ready} -R ref.fa -O gatk.hs.txt "
                  "-BI targets.interval_list -TI targets.interval_list "
                  "--PER_TARGET_COVERAGE gatk.targets.txt"))  # fmt: skip
    steps.append(("DepthOfCoverage", f"gatk DepthOfCoverage -R ref.fa -I {ready} -L targets.bed -O gatk.depth"))
    return steps


def our_steps(threads: int, recalibrate: bool) -> list[tuple[str, str]]:
    """Name and line of bash of each step of the pipeline."""
    python = sys.executable
    steps = [
        (f"align_lane, {lane}", f"{python} {BIN}/align_lane.py --fastq-1 {lane}_1.fastq.gz --fastq-2 {lane}_2.fastq.gz "
         f"--sample S --lane {lane} --reference ref.fa --threads {threads} --memory 3000 --out ours.{lane}.bam")
        for lane in LANES
    ]  # fmt: skip
    lanes = " ".join(f"ours.{lane}.bam" for lane in LANES)
    known = "--known-sites known.vcf.gz" if recalibrate else ""
    steps.append(("postprocess_alignment", f"{python} {BIN}/postprocess_alignment.py --bam {lanes} --sample S "
                  f"--reference ref.fa --targets targets.bed {known} --threads {threads} --outdir ours"))  # fmt: skip
    return steps


def busy_seconds() -> float:
    """CPU seconds that all processes of the machine have used (Linux)."""
    words = Path("/proc/stat").read_text().splitlines()[0].split()
    user, nice, system = map(int, words[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def timed(name: str, steps: list[tuple[str, str]], folder: Path) -> tuple[float, float]:
    """Run steps one after the other, print wall, CPU and peak memory of each; gives wall and CPU seconds together.

    The CPU seconds that others took meanwhile are printed too: walls say little where they are many.
    """
    walls = cpus = 0.0
    for step, line in steps:
        before = busy_seconds()
        wall, cpu, peak = measured(["bash", "-o", "pipefail", "-c", line], folder)
        others = max(0.0, busy_seconds() - before - cpu)
        print(f"{name:5s} {step:22s} wall {wall:6.1f} s  CPU {cpu:6.1f} s (others {others:6.1f} s)  {peak:5.0f} MiB",
              flush=True)  # fmt: skip
        walls, cpus = walls + wall, cpus + cpu
    return walls, cpus


def main() -> None:
    """Simulate, run both, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="files are written here")
    parser.add_argument("--pairs", type=int, default=300_000, help="pairs of reads of each lane (300000)")
    parser.add_argument("--threads", type=int, default=2, help="threads of every step that has the option (2)")
    parser.add_argument("--repeats", type=int, default=2, help="runs of both sides in turn; the least time counts (2)")
    parser.add_argument("--no-recalibration", action="store_true", help="no known sites")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(options.seed)
    bases = make_reference(options.folder, rng)
    for lane in LANES:
        write_lane(options.folder, lane, bases, options.pairs, rng)
    recalibrate = not options.no_recalibration
    sides = {"GATK": gatk_steps(options.threads, recalibrate), "ours": our_steps(options.threads, recalibrate)}
    times: dict[str, list] = {name: [] for name in sides}
    for turn in range(options.repeats):  # the one that comes first changes: what is cached helps the second
        for name in list(sides) if turn % 2 else list(sides)[::-1]:
            times[name].append(timed(name, sides[name], options.folder))
    qc = json.loads((options.folder / "ours" / "S.alignment_qc.json").read_text())
    print(f"duplicates {qc['duplicate_fraction']:.3f}, on target {qc['on_target_fraction']:.3f}, "
          f"mean target depth {qc['mean_target_depth']:.1f}")  # fmt: skip
    for k, what in enumerate(("wall", "CPU")):
        least = {name: min(row[k] for row in rows) for name, rows in times.items()}
        ratio = least["ours"] / least["GATK"]
        print(f"{what}: GATK {least['GATK']:.1f} s, ours {least['ours']:.1f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
