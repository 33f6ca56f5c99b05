"""Doors of count_snps.py: reads that are indexed and of one genome, SNP sites that fit them."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from twohit import bgzf
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.machine import blame_machine
from twohit.textfiles import is_zipped

BASES = frozenset("ACGT")
BCF_MAGIC = b"BCF"  # an uncompressed one has no lines
HTSLIB_ERROR = "[E::"  # how htslib's errors begin; bcftools ends with 0 after those that cut a file short


def check_bams(bams: list[Path], reference: Path | None) -> dict[str, int]:
    """Check that the files are indexed, different and of one genome; returns contig lengths.

    Raises
    ------
    InputError
        One file twice, no index, not a BAM or CRAM, CRAM without reference, contigs that differ.
    """
    import pysam

    for i, bam in enumerate(bams):
        for other in bams[:i]:
            if os.path.samefile(bam, other):
                raise InputError(f"{bam}: given twice (as {other}); normal and tumours must be different files")
    lengths: dict[str, int] = {}
    for bam in bams:
        try:
            with pysam.AlignmentFile(
                str(bam), check_sq=False, reference_filename=str(reference) if reference else None
            ) as f:
                mine = dict(zip(f.references, f.lengths, strict=True))
                if not f.has_index():
                    raise InputError(f"{bam}: has no index; run samtools index {bam}")
                if f.is_cram and reference is None:
                    raise InputError(f"{bam}: is a CRAM; give its --reference FASTA")
        except (OSError, ValueError) as error:
            raise InputError(f"{bam}: not a readable BAM or CRAM ({error}); align it again") from error
        wrong = next((c for c in mine if c in lengths and lengths[c] != mine[c]), None)
        if wrong:
            raise InputError(
                f"{bam}: contig {wrong} has {mine[wrong]} bases, {lengths[wrong]} in {bams[0]}: another build"
            )
        if lengths and not set(mine) & set(lengths):
            raise InputError(f"{bam}: shares no contig name with {bams[0]}; align both to one reference")
        lengths = lengths or mine
    return lengths


def read_sites(sites: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read biallelic SNPs of a VCF by contig, in the file's order of contigs; of repeated positions the first counts.

    Raises
    ------
    InputError
        Not a VCF, cut off (bcftools itself ends with 0 then), or without a SNP.

    Returns
    -------
    dict of str to (array of int, array of two bytes)
        Sorted positions; reference and alternative base. Some ten bytes a SNP.
    """
    only_snps = ["-i", 'N_ALT==1 && TYPE="snp"', "-f", "%CHROM\\t%POS\\t%REF%ALT\\n"]
    found: dict[str, tuple[list[int], list[bytes]]] = {}
    with tempfile.TemporaryFile() as errors:
        reader = subprocess.Popen(
            ["bcftools", "query", *only_snps, str(sites)], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        for line in reader.stdout:
            chrom, pos, alleles = line.rstrip("\n").split("\t")
            alleles = alleles.upper()
            if len(alleles) == 2 and set(alleles) <= BASES:
                positions, bases = found.setdefault(chrom, ([], []))
                positions.append(int(pos))
                bases.append(alleles.encode())
        status = reader.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
        if status != 0:
            blame_machine("bcftools query", status, said)
            last = (said.strip().splitlines() or ["no message"])[-1]
            raise InputError(f"{sites}: bcftools cannot read it as a VCF ({last}); give a VCF, plain or bgzipped")
        _check_whole(sites)
        fault = next((line for line in said.splitlines() if line.startswith(HTSLIB_ERROR)), None)
        if fault:
            raise InputError(f"{sites}: cut off or damaged ({fault}); copy or make it again")
    if not found:
        raise InputError(f"{sites}: holds no biallelic SNP; give a VCF of common SNPs")
    return {chrom: _sorted(*rows) for chrom, rows in found.items()}


def _check_whole(sites: Path) -> None:
    """Refuse a bgzip file without its end block, and a plain one whose last line has no end."""
    bgzf.check_end(sites)
    with open(sites, "rb") as handle:
        if is_zipped(sites) or handle.read(len(BCF_MAGIC)) == BCF_MAGIC:
            return
        handle.seek(max(0, sites.stat().st_size - 1))
        if handle.read() not in (b"\n", b""):
            raise InputError(f"{sites}: its last line has no end, so it may be cut off; copy or make it again")


def _sorted(positions: list[int], bases: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    pos, first = np.unique(np.array(positions, dtype=np.int64), return_index=True)
    return pos, np.array(bases, dtype="S2")[first]


def check_contigs(places: dict, lengths: dict[str, int], sites: Path, bam: Path) -> None:
    """Check that sites and reads name the contigs alike and are of one build."""
    common = [chrom for chrom in places if chrom in lengths]
    if not common:
        first = next(iter(places))
        twin = next((c for c in lengths if plain(c) == plain(first)), None)
        if twin:
            raise InputError(
                f"{sites}: contigs are named {first!r}, in {bam} {twin!r}; rename them: bcftools annotate --rename-chrs"
            )
        raise InputError(f"{sites}: shares no contig with {bam}; give SNPs of the genome the reads were aligned to")
    for chrom in common:
        if int(places[chrom][0][-1]) > lengths[chrom]:
            raise InputError(
                f"{sites}: position {chrom}:{int(places[chrom][0][-1])} is past the contig's {lengths[chrom]} bases in "
                f"{bam}: another build; give SNPs of the genome the reads were aligned to"
            )
