"""Calls made elsewhere as ours are: of the reference's build, sorted, bgzipped, indexed."""

import subprocess
import tempfile
from pathlib import Path

from twohit import bgzf
from twohit.alignment.checks import reference_lengths
from twohit.errors import UNREADABLE, InputError
from twohit.machine import blame_machine
from twohit.plaintext import is_whole
from twohit.variants.vcf_io import lines_of, read_header

BASES = frozenset("ACGT")  # ambiguity codes fit everything


def import_calls(vcf: Path, reference: Path, out: Path) -> None:
    """Check a VCF against the reference and write it sorted and bgzipped, with its index.

    Parameters
    ----------
    vcf : Path
        Plain, gzipped or bgzipped; contig lines in its header may be missing.
    reference : Path
        FASTA with its .fai.
    out : Path
        File to write (.vcf.gz, and .tbi beside it).

    Raises
    ------
    InputError
        If the file is damaged, or a contig is not the reference's.
    """
    bgzf.check_end(vcf)
    lengths = reference_lengths(reference)
    for name, length in read_header(vcf).contigs.items():
        if lengths.get(name, length) != length:
            raise InputError(
                f"{vcf}: contig {name} has {length} bases, in {reference} {lengths[name]}: another build; "
                "give calls of the reference's build"
            )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        plain, made = Path(folder) / "plain.vcf", Path(folder) / out.name
        try:
            _write_plain(vcf, lengths, reference, plain)
        except UNREADABLE as error:
            raise InputError(f"{vcf}: cut off or damaged ({error}); copy or make it again") from error
        _bcftools(vcf, "sort", "--temp-dir", f"{folder}/parts", "-O", "z", "-o", made, plain)
        _bcftools(vcf, "index", "--tbi", made)
        made.rename(out)
        Path(f"{made}.tbi").rename(f"{out}.tbi")


def _write_plain(vcf: Path, lengths: dict[str, int], reference: Path, out: Path) -> None:
    """Copy as text with the reference's contig lines."""
    with out.open("w", encoding="utf-8") as handle, BuildCheck(vcf, lengths, reference) as check:
        for number, line in enumerate(lines_of(vcf), 1):
            if line.startswith("##contig=") or not line:
                continue
            if line.startswith("#CHROM"):
                handle.writelines(f"##contig=<ID={name},length={n}>\n" for name, n in lengths.items())
            elif not line.startswith("#"):
                check.record(line, number)
            handle.write(f"{line}\n")


class BuildCheck:
    """Checks that records lie on the reference: contig, end, and the reference allele itself."""

    def __init__(self, vcf: Path, lengths: dict[str, int], reference: Path):
        self.vcf, self.lengths, self.reference = vcf, lengths, reference

    def __enter__(self):
        import pysam

        self.fasta = pysam.FastaFile(str(self.reference))
        return self

    def __exit__(self, *_):
        self.fasta.close()

    def record(self, line: str, number: int) -> None:
        """Check one line of a VCF; InputError names it."""
        name, place, _, ref, *_ = [*line.split("\t", 4), "", "", "", ""]
        where, fix = f"{self.vcf}: line {number}", "give calls of the reference's build"
        self._contig(name, where, fix)
        if not is_whole(place):
            raise InputError(f"{where}: position {place!r} is not a number; give a valid VCF")
        start, end = int(place) - 1, int(place) - 1 + len(ref)
        if start < 0 or end > self.lengths[name]:
            raise InputError(
                f"{where}: {name}:{place} is past the contig's end in {self.reference} ({self.lengths[name]}); {fix}"
            )
        there = self.fasta.fetch(name, start, end).upper()
        if any(a != b and a in BASES and b in BASES for a, b in zip(ref.upper(), there, strict=True)):
            raise InputError(f"{where}: REF is {ref} at {name}:{place}, but {self.reference} has {there}; {fix}")

    def _contig(self, name: str, where: str, fix: str) -> None:
        if name in self.lengths:
            return
        other = name[3:] if name.startswith("chr") else f"chr{name}"
        if other in self.lengths:
            fix = f"the reference spells it {other}: rename the contigs with bcftools annotate --rename-chrs"
        raise InputError(f"{where}: contig {name} is not in {self.reference}; {fix}")


def _bcftools(vcf: Path, *arguments: object) -> None:
    done = subprocess.run(["bcftools", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        blame_machine(f"bcftools {arguments[0]}", done.returncode, done.stderr)
        told = [line for line in done.stderr.splitlines() if line.strip() and "rror" in line or line.startswith("[E")]
        said = told[0] if told else (done.stderr.strip().splitlines() or ["no message"])[0]
        raise InputError(f"{vcf}: bcftools {arguments[0]} could not read it: {said}; give a valid VCF")
