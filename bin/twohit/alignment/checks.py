"""Is this BAM or CRAM whole, of this reference and of this sample: asked before anything is written."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twohit.errors import InputError
from twohit.machine import blame_file, blame_machine
from twohit.plaintext import is_whole

DUPLICATE_MARKERS = ("markdup", "markduplicates", "bamsormadup", "samblaster", "umi_tools dedup", "fgbio", "fgumi")
# Reads looked at for duplicate flags when the header names no tool that marks them.
READS_LOOKED_AT = 200_000
SECONDARY = 0x900  # secondary and supplementary alignments: markdup follows the primary ones


@dataclass(frozen=True)
class Alignment:
    """What the header and the first reads of a BAM or CRAM say.

    Attributes
    ----------
    path : Path
    header : dict
        Header sections (HD, SQ, RG, PG ...), as pysam gives them.
    read_groups : tuple of dict
    sorted_by : str
        coordinate, queryname, unsorted or unknown.
    marked : bool
        Duplicates are marked already.
    mates_scored : bool
        Mates know each other's score and shape (tags ms and MC of `samtools fixmate -m`), which marking needs.
    """

    path: Path
    header: dict
    read_groups: tuple[dict, ...]
    sorted_by: str
    marked: bool
    mates_scored: bool = False


def inspect(path: Path, reference: Path) -> Alignment:
    """Open a BAM or CRAM and check it against the reference.

    Raises
    ------
    InputError
        For a missing .fai, a file that is cut off or no BAM/CRAM, contigs of another build, or no reads.
    """
    lengths = reference_lengths(reference)
    _check_whole(path)
    import pysam

    with blame_file(path, "not readable as BAM or CRAM", ValueError):
        opened = pysam.AlignmentFile(str(path), reference_filename=str(reference), check_sq=False)
    with blame_file(path, "cannot be read to its end"), opened as found:
        header = found.header.to_dict()
        check_contigs(path, dict(zip(found.references, found.lengths, strict=True)), reference, lengths)
        marked = _marked_by_header(header)
        groups = {group["ID"] for group in header.get("RG", [])}
        flagged, scored = _look_at_reads(path, found, groups)
    sorted_by = header.get("HD", {}).get("SO", "unknown")
    return Alignment(path, header, tuple(header.get("RG", [])), sorted_by, marked or flagged, scored)


def as_one(lanes: Sequence[Alignment]) -> Alignment:
    """What the lanes of a sample are once they are merged (the path is the first one's).

    Raises
    ------
    InputError
        If several are given and one is not sorted by position, or a read group is in two of them.
    """
    if len(lanes) == 1:
        return lanes[0]
    seen: dict[str, Path] = {}
    for lane in lanes:
        if lane.sorted_by != "coordinate":
            raise InputError(f"{lane.path}: not sorted by position, which merging lanes needs; run samtools sort")
        for name in (group["ID"] for group in lane.read_groups):
            if name in seen:
                raise InputError(
                    f"{lane.path}: read group {name} is also in {seen[name]}; give each lane once, with its own ID"
                )
            seen[name] = lane.path
    groups = tuple(group for lane in lanes for group in lane.read_groups)
    marked, scored = all(lane.marked for lane in lanes), all(lane.mates_scored for lane in lanes)
    return replace(lanes[0], read_groups=groups, marked=marked, mates_scored=scored)


def reference_lengths(reference: Path) -> dict[str, int]:
    """Contig lengths from the reference's .fai; InputError if it has none."""
    index = Path(f"{reference}.fai")
    if not index.is_file():
        raise InputError(f"{reference}: its index {index.name} is missing; run samtools faidx {reference.name}")
    rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines() if line]
    if not rows or any(len(row) < 2 or not is_whole(row[1]) for row in rows):
        raise InputError(f"{index}: not a FASTA index; run samtools faidx {reference.name} again")
    return {row[0]: int(row[1]) for row in rows}


def check_contigs(path: Path, own: dict[str, int], reference: Path, lengths: dict[str, int]) -> None:
    """Refuse alignments of another build: every contig must be in the reference with the same length."""
    for name, length in own.items():
        if name in lengths and lengths[name] != length:
            raise InputError(
                f"{path}: contig {name} has {length} bases, in {reference} {lengths[name]}: another build; "
                "give the reference the reads were aligned to"
            )
    absent = [name for name in own if name not in lengths]
    if absent:
        twin = _other_spelling(absent[0])
        hint = "; the reference spells it " + twin if twin in lengths else ""
        raise InputError(
            f"{path}: contig {absent[0]} is not in {reference}{hint}; give the reference the reads were aligned to"
        )


def check_sample(alignment: Alignment, sample: str, fix: bool, needs_platform: bool = False) -> bool:
    """Whether the read groups must be rewritten.

    Parameters
    ----------
    alignment : Alignment
    sample : str
        The sample name the read groups must have.
    fix : bool
        The user allows to rewrite them; without it a wrong one is an InputError.
    needs_platform : bool
        GATK's recalibration refuses read groups without a platform (PL).
    """
    named = {group.get("SM") for group in alignment.read_groups}
    bare = [group.get("ID") for group in alignment.read_groups if needs_platform and not group.get("PL")]
    if named == {sample} and not bare:
        return False
    if fix:
        return True
    if named == {sample}:
        raise InputError(
            f"{alignment.path}: read group {bare[0]} has no platform (PL), which --known-sites needs; "
            "add PL:ILLUMINA by samtools addreplacerg (here: --fix-read-groups)"
        )
    if not alignment.read_groups:
        raise InputError(
            f"{alignment.path}: has no read group (@RG), which GATK needs; add one by "
            f"samtools addreplacerg -r ID:1 -r SM:{sample} -r PL:ILLUMINA (here: --fix-read-groups)"
        )
    there = ", ".join(sorted(str(name) for name in named))
    raise InputError(
        f"{alignment.path}: its reads are of sample {there}, not of {sample}; "
        "give the right file, name the sample as its reads, or rename them by samtools addreplacerg (here: "
        "--fix-read-groups)"
    )


def _other_spelling(name: str) -> str:
    return name[3:] if name.startswith("chr") else f"chr{name}"


def _check_whole(path: Path) -> None:
    done = subprocess.run(["samtools", "quickcheck", "-v", str(path)], capture_output=True, text=True, check=False)
    blame_machine("samtools quickcheck", done.returncode, done.stderr)
    if done.returncode:
        why = " ".join((done.stderr or "it is not BAM or CRAM").split())
        raise InputError(f"{path}: cut off or damaged ({why}); copy or make it again")


def _marked_by_header(header: dict) -> bool:
    for program in header.get("PG", []):
        text = " ".join(str(program.get(key, "")) for key in ("ID", "PN", "CL")).lower()
        if any(marker in text for marker in DUPLICATE_MARKERS):
            return True
    return False


def _look_at_reads(path: Path, found, groups: set[str]) -> tuple[bool, bool]:
    """Whether a read is flagged as a duplicate, and whether mates are scored; InputError for no or foreign reads."""
    number, scored = 0, True
    for number, read in enumerate(found.fetch(until_eof=True), 1):
        if groups and read.has_tag("RG") and read.get_tag("RG") not in groups:
            raise InputError(
                f"{path}: read {read.query_name} is of read group {read.get_tag('RG')}, which the header lacks; "
                "merge lanes with samtools merge, which keeps every @RG"
            )
        if read.is_duplicate:
            return True, scored
        both = read.is_paired and not (read.is_unmapped or read.mate_is_unmapped or read.flag & SECONDARY)
        scored &= not both or (read.has_tag("ms") and read.has_tag("MC"))
        if number >= READS_LOOKED_AT:
            break
    if number == 0:
        raise InputError(f"{path}: holds no read; align the sample again")
    return False, scored
