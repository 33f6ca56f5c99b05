"""Calls made elsewhere as ours are: of the reference's build, sorted, bgzipped, indexed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from twohit import bgzf
from twohit.alignment.checks import reference_lengths
from twohit.errors import UNREADABLE, InputError
from twohit.machine import blame_machine
from twohit.plaintext import is_whole
from twohit.samples.files import own_column
from twohit.variants.caller_reads import headed, needs_header, with_depths
from twohit.variants.vcf_io import Header, lines_of, read_header

BASES = frozenset("ACGT")  # ambiguity codes fit everything
COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")


def import_calls(vcf: Path, reference: Path, out: Path, sample: str | None = None) -> None:
    """Check a VCF against the reference and write it sorted and bgzipped, with its index and the reads of each allele.

    Parameters
    ----------
    vcf : Path
        Plain, gzipped or bgzipped; contig lines in its header may be missing.
    reference : Path
        FASTA with its .fai.
    out : Path
        File to write (.vcf.gz, and .tbi beside it).
    sample : str, optional
        Id of the sample the calls are of: a column that the caller named TUMOR gets it.

    Raises
    ------
    InputError
        If the file is damaged, a contig is not the reference's, or the sample is not in it.
    """
    bgzf.check_end(vcf)
    lengths = reference_lengths(reference)
    header = read_header(vcf)
    names = _columns(vcf, header, sample)
    for name, length in header.contigs.items():
        if lengths.get(name, length) != length:
            raise InputError(
                f"{vcf}: contig {name} has {length} bases, in {reference} {lengths[name]}: another build; "
                "give calls of the reference's build"
            )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        plain, made = Path(folder) / "plain.vcf", Path(folder) / out.name
        try:
            _write_plain(vcf, lengths, reference, plain, names)
        except UNREADABLE as error:
            raise InputError(f"{vcf}: cut off or damaged ({error}); copy or make it again") from error
        _bcftools(vcf, "sort", "--temp-dir", f"{folder}/parts", "-O", "z", "-o", made, plain)
        _bcftools(vcf, "index", "--tbi", made)
        made.rename(out)
        Path(f"{made}.tbi").rename(f"{out}.tbi")


def _columns(vcf: Path, header: Header, sample: str | None) -> list[str]:
    """Names of the samples as they are written: the caller's, but the sample's own for its general TUMOR."""
    if sample is None:
        return list(header.samples)
    if not header.samples:
        return [sample]
    found = own_column(list(header.samples), sample)
    if found is None:
        raise InputError(
            f"{vcf}: has no sample {sample!r} (it has: {', '.join(header.samples)}); give its name or run "
            "bcftools reheader"
        )
    return [sample if name == found else name for name in header.samples]


def _write_plain(vcf: Path, lengths: dict[str, int], reference: Path, out: Path, names: list[str]) -> None:
    """Copy as text with the reference's contig lines, the samples' names and AD in every record that tells it."""
    header = read_header(vcf)
    body, used = out.with_suffix(".records"), Used()
    with body.open("w", encoding="utf-8") as handle, BuildCheck(vcf, lengths, reference) as check:
        for number, line in enumerate(lines_of(vcf), 1):
            if line and not line.startswith("#"):
                check.record(line, number)
                try:
                    written = with_depths(line, sites_only=bool(names) and not header.samples)
                except InputError as error:
                    raise InputError(f"{vcf}: line {number}: {error}") from error
                used.add(written)
                handle.write(f"{written}\n")
    lines = list(headed(header.lines) if names and needs_header(header.lines) else header.lines)
    with out.open("w", encoding="utf-8") as handle, body.open(encoding="utf-8") as records:
        handle.writelines(f"{line}\n" for line in lines if not line.startswith("##contig="))
        handle.writelines(f"{line}\n" for line in used.undeclared(lines))
        handle.writelines(f"##contig=<ID={name},length={n}>\n" for name, n in lengths.items())
        handle.write("\t".join([*COLUMNS, *(["FORMAT"] if names else []), *names]) + "\n")
        shutil.copyfileobj(records, handle)


class Used:
    """Tags of the records: bcftools refuses those that the header does not declare, which some tools leave out."""

    def __init__(self):
        self.tags: dict[tuple[str, str], None] = {}

    def add(self, line: str) -> None:
        """Note the tags of one record."""
        fields = line.split("\t")
        if len(fields) < len(COLUMNS):
            return
        tags = [("FILTER", name) for name in fields[6].split(";")]
        tags += [("INFO", part.partition("=")[0]) for part in fields[7].split(";")]
        tags += [("FORMAT", key) for key in fields[8].split(":")] if len(fields) > len(COLUMNS) else []
        self.tags |= dict.fromkeys(tags)

    def undeclared(self, lines: list[str]) -> list[str]:
        """Header lines for the tags that have none."""
        there = {tuple(line[2:].split(",", 1)[0].split("=<ID=", 1)) for line in lines if "=<ID=" in line}
        known = there | {("FILTER", "PASS")}
        return [
            f'##{kind}=<ID={name}{"," if kind == "FILTER" else ",Number=.,Type=String,"}Description="not declared">'
            for kind, name in self.tags
            if name not in ("", ".") and (kind, name) not in known
        ]


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
