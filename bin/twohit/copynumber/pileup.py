"""Count alleles at known SNPs in the BAMs of a patient, with bcftools mpileup; regions run in parallel.

Overlapping mates count once, duplicates, secondary and QC-fail reads and orphans do not count, base alignment quality
is off.
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from twohit.cli import progress
from twohit.errors import InputError, TwohitError
from twohit.genome.contigs import plain

MAX_DEPTH = 100_000  # reads per file and position: no cap in practice
SITES_PER_TASK = 20_000
SKIP_FLAGS = "UNMAP,SECONDARY,QCFAIL,DUP"
BASES = frozenset("ACGT")


def count_snps(
    bams: list[Path], sites: Path, out: Path, has_normal: bool = True, reference: Path | None = None,
    min_base_quality: int = 20, min_mapping_quality: int = 20, threads: int = 1,
) -> int:  # fmt: skip
    """Count and write a snp-pileup table; File1 is the normal (zeros when there is none).

    Parameters
    ----------
    bams : list of Path
        BAM or CRAM files in column order; the first is the normal when `has_normal`.
    sites : Path
        VCF of SNPs; records that are not biallelic SNPs are left out.

    Returns
    -------
    int
        Sites written: those with at least one read in any file.

    Raises
    ------
    InputError
        See `check_bams` and `read_sites`.
    """
    if shutil.which("bcftools") is None:
        raise TwohitError("bcftools is not on PATH; run make env and put .env/bin on PATH")
    lengths = check_bams(bams, reference)
    places = read_sites(sites)
    check_contigs(places, lengths, sites, bams[0])
    tasks = [
        (chrom, rows[begin : begin + SITES_PER_TASK])
        for chrom, rows in places.items()
        if chrom in lengths
        for begin in range(0, len(rows), SITES_PER_TASK)
    ]
    options = _options(reference, min_base_quality, min_mapping_quality)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(max(1, threads)) as pool:
        numbered = list(enumerate(tasks))
        results = pool.map(lambda task: _count_task(task, bams, options, Path(scratch), has_normal), numbered)
        return _write(results, out, len(bams) + (not has_normal))


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


def read_sites(sites: Path) -> dict[str, list[tuple[int, str, str]]]:
    """Read biallelic SNPs of a VCF by contig, in file order; repeated positions are left out."""
    command = ["bcftools", "view", "-H", "-G", "-m2", "-M2", "-v", "snps", str(sites)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InputError(f"{sites}: bcftools cannot read it as a VCF: {done.stderr.strip().splitlines()[-1:]}")
    places: dict[str, dict[int, tuple[str, str]]] = {}
    for line in done.stdout.splitlines():
        chrom, pos, _, ref, alt = line.split("\t", 5)[:5]
        if ref.upper() in BASES and alt.upper() in BASES:
            places.setdefault(chrom, {}).setdefault(int(pos), (ref.upper(), alt.upper()))
    if not places:
        raise InputError(f"{sites}: holds no biallelic SNP; give a VCF of common SNPs")
    return {chrom: [(pos, *alleles) for pos, alleles in sorted(rows.items())] for chrom, rows in places.items()}


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
        if places[chrom][-1][0] > lengths[chrom]:
            raise InputError(
                f"{sites}: position {chrom}:{places[chrom][-1][0]} is past the contig's {lengths[chrom]} bases in "
                f"{bam}: another build; give SNPs of the genome the reads were aligned to"
            )


def _options(reference: Path | None, base_quality: int, mapping_quality: int) -> list[str]:
    source = ["-f", str(reference)] if reference else ["--no-reference"]
    return [
        "bcftools", "mpileup", *source, "-B", "-I", "-a", "FORMAT/AD",
        "-Q", str(base_quality), "-q", str(mapping_quality), "-d", str(MAX_DEPTH), "--ff", SKIP_FLAGS, "-Ou",
    ]  # fmt: skip


def _count_task(task, bams: list[Path], options: list[str], scratch: Path, has_normal: bool) -> list[str]:
    """Count one stretch of sites; returns CSV lines."""
    number, (chrom, rows) = task
    targets = scratch / f"{number}.tsv"
    targets.write_text("".join(f"{chrom}\t{pos}\n" for pos, _, _ in rows))
    region = f"{chrom}:{rows[0][0]}-{rows[-1][0]}"
    pile = subprocess.Popen(
        [*options, "-r", region, "-T", str(targets), *map(str, bams)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    query = ["bcftools", "query", "-f", "%POS\t%REF\t%ALT[\t%AD]\n", "-"]
    done = subprocess.run(query, stdin=pile.stdout, capture_output=True, text=True, check=False)
    errors = pile.stderr.read().decode(errors="replace")
    if pile.wait() != 0 or done.returncode != 0:
        last = (errors + done.stderr).strip().splitlines()[-1:] or ["no message"]
        raise TwohitError(f"bcftools mpileup failed on {region}: {last[0]}")
    alleles = {pos: (ref, alt) for pos, ref, alt in rows}
    return [_line(chrom, text, alleles, has_normal) for text in done.stdout.splitlines()]


def _line(chrom: str, text: str, alleles: dict[int, tuple[str, str]], has_normal: bool) -> str:
    fields = text.split("\t")
    ref, alt = alleles[int(fields[0])]
    seen = [fields[1], *fields[2].split(",")]
    numbers = [] if has_normal else ["0,0,0,0"]
    for counts in fields[3:]:
        by_base = dict(zip(seen, (0 if c == "." else int(c) for c in counts.split(",")), strict=False))
        r, a = by_base.get(ref, 0), by_base.get(alt, 0)
        numbers.append(f"{r},{a},{sum(by_base.values()) - r - a},0")
    return f"{chrom},{fields[0]},{ref},{alt},{','.join(numbers)}\n"


def _write(results, out: Path, files: int) -> int:
    """Write the table whole or not at all; the same bytes for the same counts."""
    header = "Chromosome,Position,Ref,Alt" + "".join(f",File{k}{x}" for k in range(1, files + 1) for x in "RAED")
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    written = 0
    try:
        with os.fdopen(handle, "wb") as raw, _packed(raw, out) as packed:
            packed.write(f"{header}\n".encode())
            for lines in results:
                packed.write("".join(lines).encode())
                written += len(lines)
        if written == 0:
            raise InputError("no site of the VCF is covered by a read; give SNPs within the targets")
        os.chmod(temporary, 0o644)
        os.replace(temporary, out)
    except BaseException:
        os.unlink(temporary)
        raise
    progress(f"{written} sites counted")
    return written


def _packed(raw, out: Path):
    if out.suffix == ".gz":
        return gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=5, mtime=0)
    return raw
