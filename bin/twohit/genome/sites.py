"""VCFs of known sites: checked against the FASTA and, where needed, renamed, sorted, bgzipped and indexed."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from twohit import bgzf
from twohit.errors import UNREADABLE, InputError
from twohit.genome.agreement import MAX_REF_MISMATCH, REF_CHECKS, Contigs
from twohit.genome.reference import Reference
from twohit.machine import blame_machine
from twohit.plaintext import is_whole
from twohit.textfiles import open_text


@dataclass(frozen=True)
class SitesVcf:
    """A checked VCF.

    Attributes
    ----------
    path : Path
        Where it is.
    mapping : dict of str to str
        Its contigs to the FASTA's spelling.
    dropped : tuple of str
        Contigs with records that the FASTA lacks.
    ready : bool
        bgzipped, indexed and spelt as the FASTA, so that it can be used as it is.
    """

    path: Path
    mapping: dict[str, str]
    dropped: tuple[str, ...]
    ready: bool

    @property
    def renamed(self) -> dict[str, str]:
        """The contigs whose spelling changes."""
        return {old: new for old, new in self.mapping.items() if old != new}


def check_vcf(path: Path, reference: Reference, contigs: Contigs, needs_af: bool = False) -> SitesVcf:
    """Check a VCF of sites: header, contig lengths, positions and reference alleles.

    Parameters
    ----------
    path : Path
        VCF, plain, gzip or bgzip.
    reference : Reference
        The FASTA.
    contigs : Contigs
        Its contigs.
    needs_af : bool
        Whether the INFO field AF must be declared (Mutect2's germline resource, common SNPs).

    Raises
    ------
    InputError
        If it is not a VCF, of another build, or lacks AF where that is needed.
    """
    bgzf.check_end(path)
    lengths = _header(path, needs_af)
    for name, length in lengths.items():
        contigs.check_length(name, length, str(path))
    indexed = bgzf.is_bgzf(path) and Path(f"{path}.tbi").is_file()
    per_contig = _indexed_records(path, contigs) if indexed else _all_records(path)
    seen: list[str] = []
    try:
        for name, records in per_contig:
            seen.append(name)
            there = contigs.spelling(name)
            if there is not None:
                _check_records(path, there, records, reference)
    except UNREADABLE as error:
        raise InputError(f"{path}: cut off or damaged ({error}); copy or make it again") from error
    if not seen:
        raise InputError(f"{path}: no record in it; leave the option out or give a VCF with sites")
    mapping = contigs.mapping(seen, str(path), "VCF")
    dropped = tuple(name for name in seen if name not in mapping)
    return SitesVcf(path, mapping, dropped, indexed and not dropped and all(a == b for a, b in mapping.items()))


def install_vcf(checked: SitesVcf, contigs: Contigs, out: Path, workdir: Path) -> None:
    """Rename contigs, drop those the FASTA lacks, sort as the FASTA, bgzip and index (`out` and its .tbi)."""
    spelt = workdir / f"{out.name}.spelt.vcf"
    _write_spelt(checked, contigs, spelt)
    for arguments in (
        ["sort", "-T", workdir / f"{out.name}.sort", "-O", "z", "-o", out, spelt],
        ["index", "-f", "-t", out],
    ):
        done = subprocess.run(["bcftools", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            blame_machine(f"bcftools {arguments[0]}", done.returncode, done.stderr)
            said = done.stderr.strip().splitlines() or ["no message"]
            raise InputError(f"{checked.path}: bcftools {arguments[0]} could not read it: {said[0]}")
    spelt.unlink()


def _write_spelt(checked: SitesVcf, contigs: Contigs, out: Path) -> None:
    """Copy the records on the FASTA's contigs, with its spelling and its contig lines in the header."""
    with open_text(checked.path) as lines, open(out, "w", encoding="utf-8") as handle:
        for line in lines:
            if line.startswith("#CHROM"):
                handle.writelines(f"##contig=<ID={name},length={n}>\n" for name, n in contigs.lengths.items())
            if line.startswith("#"):
                handle.write("" if line.startswith("##contig=") else line)
                continue
            name, tab, rest = line.partition("\t")
            if name in checked.mapping:
                handle.write(checked.mapping[name] + tab + rest)


def _header(path: Path, needs_af: bool) -> dict[str, int]:
    """Contig lengths the header states."""
    lengths: dict[str, int] = {}
    has_af = False
    first = True
    try:
        with open_text(path) as handle:
            for line in handle:
                if first and not line.startswith("##fileformat=VCF"):
                    raise InputError(f"{path}: not a VCF (no ##fileformat line); give VCF, plain or bgzipped")
                first = False
                if not line.startswith("#"):
                    break
                has_af |= line.startswith("##INFO=<ID=AF,")
                if line.startswith("##contig=<"):
                    fields = dict(f.split("=", 1) for f in line.strip()[10:-1].split(",") if "=" in f)
                    if is_whole(fields.get("length", "")):
                        lengths[fields.get("ID", "")] = int(fields["length"])
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as a VCF ({error}); give VCF, plain or bgzipped") from error
    if needs_af and not has_af:
        raise InputError(f"{path}: its header has no INFO field AF; give a VCF with population allele frequencies")
    return lengths


def _indexed_records(path: Path, contigs: Contigs) -> Iterator[tuple[str, Iterator[tuple[int, str]]]]:
    """Yield contig and its (position, REF): one that reaches past the contig's end first, if there is one."""
    import pysam

    with pysam.TabixFile(str(path)) as handle:
        for name in handle.contigs:
            there = contigs.spelling(name)
            past = islice(handle.fetch(name, contigs.lengths[there]), 1) if there is not None else ()
            yield name, (_position(path, line) for line in chain(past, handle.fetch(name)))


def _all_records(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, str]]]]:
    by_contig: dict[str, list[tuple[int, str]]] = {}
    with open_text(path) as handle:
        for line in handle:
            if line.startswith("#") or not line.strip():
                continue
            found = by_contig.setdefault(line.split("\t", 1)[0], [])
            record = _position(path, line)
            if len(found) < REF_CHECKS:
                found.append(record)
            elif record[0] > found[-1][0]:  # the furthest position stays last, so that it is checked too
                found[-1] = record
    for name, records in by_contig.items():
        yield name, iter(records)


def _position(path: Path, line: str) -> tuple[int, str]:
    columns = line.split("\t", 5)
    if len(columns) < 5 or not is_whole(columns[1]):
        raise InputError(f"{path}: not a VCF record: {line[:60].strip()!r}")
    return int(columns[1]), columns[3]


def _whole(path: Path, records: Iterator) -> Iterator:
    """Give the records; bytes that changed in the middle of the file are an error of the file."""
    try:
        yield from records
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}); copy or make it again") from error


def _check_records(path: Path, contig: str, records: Iterator[tuple[int, str]], reference: Reference) -> None:
    wrong = checked = 0
    length = reference.lengths[contig]
    for pos, ref in _whole(path, records):
        if pos < 1 or pos - 1 + len(ref) > length:
            raise InputError(
                f"{path}: {contig}:{pos} is past the contig's end ({length}): another build; "
                "give a VCF of the FASTA's build"
            )
        there = reference.fetch(contig, pos - 1, pos - 1 + len(ref))
        checked += 1
        wrong += there != ref.upper() and "N" not in there
        if checked >= REF_CHECKS:
            break
    if wrong > max(1, MAX_REF_MISMATCH * checked):
        raise InputError(
            f"{path}: {wrong} of {checked} reference alleles on {contig} are not the FASTA's: another build; "
            "give a VCF of the FASTA's build"
        )
