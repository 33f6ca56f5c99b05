#!/usr/bin/env python3
"""Molecules of a barcoded BAM beside those of VarTrix, in the same run: how many are equal, and the time.

`benchmarks/vartrix.py --vartrix PATH` needs VarTrix (github.com/10XGenomics/vartrix, built with cargo), and the demo as
`make demo` leaves it: the relapse sample's spliced reads, at the patient's somatic variants and the common SNPs. With
`--own-data FOLDER`, the folder `test` of its source, those reads of real cells are compared too.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))

SAMPLE = "S7"
OPTIONS = "-s coverage --umi --primary-alignments --threads 1 --log-level error"
MAPPING_QUALITY, ITS_OWN = 20, 0  # ours, and that of VarTrix's own tests


def all_sites(results: Path, snps: Path, contigs: list[str]) -> list[tuple[str, int, str, str]]:
    """Somatic variants and common SNPs, by contig and position."""
    import cyvcf2

    table = pd.read_csv(results / "dna" / "P1_T.variants.tsv", sep="\t", dtype={"chrom": str})
    keys = {(row.chrom, int(row.pos), row.ref, row.alt) for row in table.itertuples()}
    keys |= {(v.CHROM, v.POS, v.REF, alt) for v in cyvcf2.VCF(str(snps)) for alt in v.ALT}
    return sorted(keys, key=lambda key: (contigs.index(key[0]), *key[1:]))


def by_vartrix(program: str, bam: Path, fasta: Path, keys: list, cells: list[str], quality: int, folder: Path) -> tuple:
    """Molecules of the reference and of the alternative, sites x cells."""
    import pysam
    from scipy.io import mmread

    with pysam.FastaFile(str(fasta)) as genome, open(folder / "sites.vcf", "w") as out:
        contigs = [f"##contig=<ID={name},length={genome.get_reference_length(name)}>" for name in genome.references]
        print("##fileformat=VCFv4.2", *contigs, sep="\n", file=out)
        print("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", sep="\t", file=out)
        for chrom, pos, ref, alt in keys:
            print(chrom, pos, ".", ref, alt, ".", ".", ".", sep="\t", file=out)
    (folder / "cells.tsv").write_text("\n".join(cells) + "\n")
    files = {"-b": bam, "-f": fasta, "-v": "sites.vcf", "-c": "cells.tsv", "-o": "alt.mtx", "--ref-matrix": "ref.mtx"}
    words = [str(word) for pair in files.items() for word in pair]
    subprocess.run([program, *words, *OPTIONS.split(), "--mapq", str(quality)], check=True, cwd=folder)
    return tuple(mmread(folder / f"{name}.mtx").toarray().astype(int) for name in ("ref", "alt"))


def by_us(bam: Path, fasta: Path, keys: list, cells: list[str], quality: int) -> tuple:
    """Count the same with our reader."""
    from twohit.cells.barcoded_bam import count_molecules, read_molecules
    from twohit.cells.genotype_input import ListedSite, make_sites

    ref, alt = np.zeros((2, len(keys), len(cells)), dtype=int)
    sites = make_sites([ListedSite(key, None, None, True, True) for key in keys], fasta)
    for row, molecules in enumerate(read_molecules(bam, sites, cells, fasta, min_mapping_quality=quality)):
        found = count_molecules(molecules)
        ref[row, found.cell], alt[row, found.cell] = found.ref, found.alt
    return ref, alt


def compare(program: str, bam: Path, fasta: Path, keys: list, cells: list[str], quality: int) -> None:
    """Count with both; print how many pairs of cell and site are equal."""
    with tempfile.TemporaryDirectory() as base:
        started = time.perf_counter()
        theirs = by_vartrix(program, bam, fasta, keys, cells, quality, Path(base))
        between = time.perf_counter()
    ours = by_us(bam, fasta, keys, cells, quality)
    seconds = between - started, time.perf_counter() - between
    some = sum(theirs) + sum(ours) > 0
    more, less = (sum(np.maximum(sign * (b - a), 0) for a, b in zip(theirs, ours, strict=True)) for sign in (1, -1))
    print(f"{bam.name}: {len(keys)} sites, {len(cells)} cells, {some.sum()} pairs of them with a molecule")
    equal, ours_more, theirs_more = some & (more + less == 0), (more > 0) & (less == 0), (less > 0) & (more == 0)
    print(f"equal: {equal.sum()} ({equal.sum() / some.sum():.2%})")
    print(f"ours more: {ours_more.sum()}, VarTrix's more: {theirs_more.sum()}, "
          f"alleles exchanged: {((more > 0) & (less > 0)).sum()}")  # fmt: skip
    print(f"wall s: VarTrix {seconds[0]:.1f}, ours {seconds[1]:.1f}, ratio {seconds[1] / seconds[0]:.2f}")


def main() -> None:
    """Compare on the demo, and on VarTrix's own reads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vartrix", required=True, help="the program")
    parser.add_argument("--own-data", type=Path, help="folder test of its source")
    parser.add_argument("--data", type=Path, default=ROOT / "demo_data")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "demo" / "P1")
    options = parser.parse_args()
    bam = (options.data / "cells" / f"{SAMPLE}.bam").resolve()
    cells = pd.read_csv(options.results / "cells" / "P1.cells.tsv", sep="\t", usecols=["cell", "sample"])
    cells = [name.split(":")[-1] for name in cells.loc[cells["sample"] == SAMPLE, "cell"]]
    with tempfile.TemporaryDirectory() as base:
        fasta = Path(base) / "genome.fa"
        fasta.symlink_to((options.data / "reference" / "genome.fa").resolve())
        subprocess.run(["samtools", "faidx", fasta], check=True)
        contigs = [line.split("\t")[0] for line in Path(f"{fasta}.fai").read_text().splitlines()]
        keys = all_sites(options.results, options.data / "reference" / "common_snps.vcf.gz", contigs)
        compare(options.vartrix, bam, fasta, keys, cells, MAPPING_QUALITY)
    if options.own_data:
        import cyvcf2

        own = options.own_data.resolve()
        keys = [(v.CHROM, v.POS, v.REF, alt) for v in cyvcf2.VCF(str(own / "test.vcf")) for alt in v.ALT]
        cells = (own / "barcodes.tsv").read_text().split()
        compare(options.vartrix, own / "test.bam", own / "test.fa", keys, cells, ITS_OWN)


if __name__ == "__main__":
    main()
