#!/usr/bin/env python3
"""Counts, CPU and wall time of count_snps.py against snp-pileup of FACETS on simulated reads or given BAMs.

`benchmarks/count_snps.py --snp-pileup PATH` simulates a tumour and a normal (pairs with overlapping mates, errors,
small deletions); `--normal N.bam --tumor T.bam --sites S.vcf.gz` takes real ones. snp-pileup is built from the
sources of FACETS, which are not part of this repository: g++ -O2 snp-pileup.cpp -lhts. Memory is the largest process's.
"""

import argparse
import csv
import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import measured

BIN = Path(__file__).resolve().parents[1] / "bin"
READ = 150
CONTIG = "chr1"
SITE_EVERY = 235  # bases: 21,300 SNPs in 5 Mb, a dense panel
ERROR = 0.003
INDEL_RATE = 0.02  # of reads


def simulate(folder: Path, length: int, depth: float, seed: int = 1, copies: int = 1) -> tuple[Path, Path, Path]:
    """Write a normal, a tumour and the SNPs; returns their paths. `copies`: the same reads on so many contigs."""
    rng = np.random.default_rng(seed)
    genome = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), length)
    pos = np.arange(500, length - 500, SITE_EVERY)
    other = {65: 71, 67: 84, 71: 65, 84: 67}
    alt = np.array([other[base] for base in genome[pos - 1]], dtype=np.uint8)
    header = (
        f"##fileformat=VCFv4.2\n##contig=<ID={CONTIG},length={length}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    rows = "".join(
        f"{CONTIG}\t{p}\t.\t{chr(genome[p - 1])}\t{chr(a)}\t.\t.\t.\n" for p, a in zip(pos, alt, strict=True)
    )
    if copies > 1:
        header = header.replace("#CHROM", "".join(
            f"##contig=<ID={CONTIG}_{k},length={length}>\n" for k in range(2, copies + 1)) + "#CHROM")  # fmt: skip
        rows += "".join(rows.replace(f"{CONTIG}\t", f"{CONTIG}_{k}\t") for k in range(2, copies + 1))
    sites = folder / "sites.vcf.gz"
    subprocess.run(["bgzip", "-c"], input=(header + rows).encode(), stdout=sites.open("wb"), check=True)
    subprocess.run(["bcftools", "index", "-t", sites], check=True)
    het = rng.random(pos.size) < 0.35
    changed = genome.copy()
    changed[pos[het] - 1] = alt[het]
    bams = []
    for name, share in (("N", 0.5), ("T", 0.7)):
        bams.append(folder / f"{name}.bam")
        write_bam(bams[-1], genome, changed, share, depth, rng)
        if copies > 1:
            repeat(bams[-1], copies)
    return bams[0], bams[1], sites


def repeat(bam: Path, copies: int) -> None:
    """Put the same reads on more contigs, named after the first: start-up then counts as little as on real data."""
    text = subprocess.run(["samtools", "view", "-h", bam], capture_output=True, check=True, text=True).stdout
    lines = text.splitlines(keepends=True)
    header = [line for line in lines[:100] if line.startswith("@")]
    reads = "".join(lines[len(header) :])
    del text, lines
    with subprocess.Popen(["samtools", "view", "-b", "-o", bam, "-"], stdin=subprocess.PIPE, text=True) as out:
        sequences = [line for line in header if line.startswith("@SQ")]
        names = [f"SN:{CONTIG}", *(f"SN:{CONTIG}_{k}" for k in range(2, copies + 1))]
        for line in header:
            mine = [line.replace(names[0], name) for name in names] if line in sequences else [line]
            out.stdin.write("".join(mine))
        for name in names:
            out.stdin.write(reads.replace(f"\t{CONTIG}\t", f"\t{name[3:]}\t"))
    subprocess.run(["samtools", "index", bam], check=True)


def write_bam(path: Path, genome: np.ndarray, changed: np.ndarray, share: float, depth: float, rng) -> None:
    """Write pairs of reads, some duplicates, some of low mapping quality, sorted and indexed."""
    length = genome.size
    pairs = int(depth * length / (2 * READ))
    insert = np.clip(rng.normal(280, 60, pairs), READ + 10, 600).astype(int)
    start = rng.integers(0, length - 700, pairs)
    lines = [f"@HD\tVN:1.6\tSO:unsorted\n@SQ\tSN:{CONTIG}\tLN:{length}\n"]
    quality = "".join(chr(33 + q) for q in np.r_[np.full(130, 37), np.full(20, 15)])
    mapq = np.where(rng.random(pairs) < 0.05, 5, 60)
    duplicate = np.where(rng.random(pairs) < 0.1, 1024, 0)
    for k in range(pairs):
        source = changed if rng.random() < share else genome
        for first in (True, False):
            at = int(start[k]) if first else int(start[k] + insert[k] - READ)
            text, cigar = source[at : at + READ].copy(), f"{READ}M"
            wrong = rng.random(READ) < ERROR
            text[wrong] = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), int(wrong.sum()))
            if rng.random() < INDEL_RATE:
                cut = int(rng.integers(20, READ - 20))
                size = int(rng.integers(1, 6))
                text = np.r_[source[at : at + cut], source[at + cut + size : at + READ + size]]
                cigar = f"{cut}M{size}D{READ - cut}M"
            mate = int(start[k] + insert[k] - READ) if first else int(start[k])
            flag = (99 if first else 147) | int(duplicate[k])
            size = int(insert[k]) if first else -int(insert[k])
            lines.append(
                f"r{k}\t{flag}\t{CONTIG}\t{at + 1}\t{mapq[k]}\t{cigar}\t=\t{mate + 1}\t{size}\t"
                f"{text.tobytes().decode()}\t{quality if first else quality[::-1]}\n"
            )
    subprocess.run(
        ["samtools", "sort", "-o", path, "-"], input="".join(lines).encode(), check=True, stderr=subprocess.DEVNULL
    )
    subprocess.run(["samtools", "index", path], check=True)


def read_counts(path: Path) -> dict[tuple[str, str], list[str]]:
    """Rows by place."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as text:
        return {(row[0], row[1]): row[2:] for row in list(csv.reader(text))[1:]}


def main() -> None:
    """Run both and print ratios and agreement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snp-pileup", type=Path, help="the built program; without it: peer not run")
    parser.add_argument("--normal", type=Path)
    parser.add_argument("--tumor", type=Path)
    parser.add_argument("--sites", type=Path)
    parser.add_argument("--length", type=int, default=2_000_000, help="simulated bases (default: %(default)s)")
    parser.add_argument("--depth", type=float, default=100.0, help="simulated depth (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=1, help="the simulated reads again on so many contigs")
    parser.add_argument("--pseudo-snps", type=int)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    os.environ["TWOHIT_QUIET"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        normal, tumor, sites = options.normal, options.tumor, options.sites
        if normal is None:
            normal, tumor, sites = simulate(folder, options.length, options.depth, copies=options.copies)
        own = [sys.executable, BIN / "count_snps.py", "--normal", normal, "--tumor", tumor, "--sites", sites]
        own += ["--pseudo-snps", options.pseudo_snps] if options.pseudo_snps else []
        for threads in options.threads:
            used = measured([*own, "--threads", threads, "--out", folder / "ours.csv"], folder)
            print(f"count_snps.py --threads {threads}: wall {used[0]:.1f} s, CPU {used[1]:.1f} s, {used[2]:.0f} MiB")
        if options.snp_pileup is None:
            print("peer not run: give --snp-pileup")
            return
        theirs = [options.snp_pileup, "-q", "20", "-Q", "20", "-d", "100000"]
        theirs += ["-P", options.pseudo_snps] if options.pseudo_snps else []
        peer = measured([*theirs, sites, folder / "theirs.csv", normal, tumor], folder)
        print(f"snp-pileup: wall {peer[0]:.1f} s, CPU {peer[1]:.1f} s; ratio of CPU {used[1] / peer[1]:.2f}")
        one, two = read_counts(folder / "theirs.csv"), read_counts(folder / "ours.csv")
        equal = sum(two.get(place) == row for place, row in one.items())
        print(f"{len(one)} rows of snp-pileup, {len(two)} of ours, {equal / len(one):.2%} of its rows equal")


if __name__ == "__main__":
    main()
