"""The files GATK's tools write beside Mutect2's VCF: stats, orientation priors, contamination, tumour segmentation."""

import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twohit.errors import UNREADABLE, InputError
from twohit.variants.somatic_copies import Copies
from twohit.variants.somatic_features import Features
from twohit.variants.somatic_rows import BASES

# LearnReadOrientationModel adds this many pseudo-examples to each state of a context: it is taken off again.
ORIENTATION_PSEUDOCOUNT = 0.1


@dataclass
class SideFiles:
    """What the optional files say; None (and a name in `missing`) where a file was not given.

    Attributes
    ----------
    callable_sites : float or None
        Bases Mutect2 could call.
    orientation : array of float, shape (64, 4, 2), or None
        Examples of an artefact by context (16 * before + 4 * ref + after), alternative base, and F1R2 or F2R1.
    orientation_examples : array of float, shape (64,), or None
        Sites looked at per context.
    contamination : tuple of float or None
        Fraction of another person's reads in the tumour and its standard error.
    segments : dict of str to array, shape (n, 3), or None
        Per contig: start, end (1-based, inclusive), minor allele fraction.
    copies : Copies or None
        Copy number and purity; never in `missing`, for calls are filtered before these are known as a rule.
    """

    callable_sites: float | None = None
    orientation: np.ndarray | None = None
    orientation_examples: np.ndarray | None = None
    contamination: tuple[float, float] | None = None
    segments: dict[str, np.ndarray] | None = None
    copies: Copies | None = None
    missing: list[str] = field(default_factory=list)


def read_side_files(
    tumor: str,
    stats: Path | None = None,
    orientation: Path | None = None,
    contamination: Path | None = None,
    segments: Path | None = None,
) -> SideFiles:
    """Read those files that are given; InputError for one that is not what it should be."""
    side = SideFiles()
    names = {"stats": stats, "orientation": orientation, "contamination": contamination, "segments": segments}
    side.missing = [name for name, path in names.items() if path is None]
    if stats is not None:
        side.callable_sites = read_stats(stats)
    if orientation is not None:
        side.orientation, side.orientation_examples = read_orientation(orientation, tumor)
    if contamination is not None:
        side.contamination = read_contamination(contamination, tumor)
    if segments is not None:
        side.segments = read_segments(segments, tumor)
    return side


def read_stats(path: Path) -> float:
    """Bases Mutect2 could call, from its .stats file."""
    for row in _rows(path, ("statistic", "value")):
        if row["statistic"] == "callable":
            found = _number(path, "value", row["value"])
            if found < 0:
                raise InputError(f"{path}: {row['value']} callable sites; give the .stats file Mutect2 wrote")
            return found
    raise InputError(f"{path}: no row 'callable'; give the .stats file Mutect2 wrote beside its VCF")


def read_contamination(path: Path, tumor: str) -> tuple[float, float]:
    """Contamination of the tumour and its error, from CalculateContamination's table."""
    rows = {row["sample"]: row for row in _rows(path, ("sample", "contamination", "error"))}
    if tumor not in rows:
        raise InputError(f"{path}: no row of sample {tumor!r}; it has: {', '.join(rows) or 'none'}")
    row = rows[tumor]
    return _number(path, "contamination", row["contamination"]), _number(path, "error", row["error"])


def read_segments(path: Path, tumor: str) -> dict[str, np.ndarray]:
    """Minor allele fraction along the genome, from CalculateContamination's tumour segmentation."""
    _check_sample(path, path.read_text(encoding="utf-8").splitlines(), tumor)
    found: dict[str, list] = {}
    for row in _rows(path, ("contig", "start", "end", "minor_allele_fraction")):
        values = [_number(path, name, row[name]) for name in ("start", "end", "minor_allele_fraction")]
        found.setdefault(row["contig"], []).append(values)
    return {contig: np.array(sorted(rows)) for contig, rows in found.items()}


def read_orientation(path: Path, tumor: str) -> tuple[np.ndarray, np.ndarray]:
    """Artefact examples by context, from LearnReadOrientationModel's archive.

    The table gives the probability of each state per context; examples = sites x probability, less the pseudo-examples
    the tool adds, so that a context that was hardly seen says nothing instead of a tenth.
    """
    counts, examples = np.zeros((64, 4, 2)), np.zeros(64)
    for row in _rows(path, ("context", "f1r2_a", "f2r1_a", "num_examples"), _orientation_lines(path, tumor)):
        code = _context_code(path, row["context"])
        examples[code] = _number(path, "num_examples", row["num_examples"])
        for base_index, base in enumerate(BASES.lower()):
            for way, name in enumerate(("f1r2", "f2r1")):
                expected = examples[code] * _number(path, f"{name}_{base}", row[f"{name}_{base}"])
                counts[code, base_index, way] = max(0.0, expected - ORIENTATION_PSEUDOCOUNT)
    return counts, examples


def minor_fractions(segments: dict[str, np.ndarray] | None, features: Features, contigs: list[str]) -> np.ndarray:
    """Minor allele fraction at each allele, shape (n_alleles,); NaN where no segment covers it."""
    result = np.full(len(features), np.nan)
    for index, contig in enumerate(contigs):
        rows = np.flatnonzero(features.contig == index)
        table = (segments or {}).get(contig)
        if table is None or not len(rows):
            continue
        at = np.searchsorted(table[:, 0], features.pos[rows], side="right") - 1
        inside = (at >= 0) & (features.pos[rows] <= table[at, 1])
        result[rows[inside]] = table[at[inside], 2]
    return result


def _orientation_lines(path: Path, tumor: str) -> list[str]:
    try:
        with tarfile.open(path) as archive:
            members = [m for m in archive.getmembers() if m.name.endswith(".orientation_priors")]
            texts = [archive.extractfile(member).read().decode().splitlines() for member in members]
    except (tarfile.TarError, *UNREADABLE) as error:
        raise InputError(f"{path}: not an archive of LearnReadOrientationModel ({error}); make it again") from error
    for lines in texts:
        if _sample_of(lines) in (tumor, None):
            return lines
    there = ", ".join(filter(None, map(_sample_of, texts))) or "none"
    raise InputError(f"{path}: no orientation priors of sample {tumor!r}; it has: {there}")


def _sample_of(lines: list[str]) -> str | None:
    for line in lines:
        if line.startswith("#<METADATA>SAMPLE="):
            return line.split("=", 1)[1]
    return None


def _check_sample(path: Path, lines: list[str], tumor: str) -> None:
    name = _sample_of(lines)
    if name not in (None, tumor):
        raise InputError(f"{path}: the table is of sample {name!r}, not of {tumor!r}; give that of the tumour")


def _context_code(path: Path, context: str) -> int:
    if len(context) != 3 or any(base not in BASES for base in context):
        raise InputError(f"{path}: context {context!r} is not three of A, C, G, T; make the file again")
    return 16 * BASES.index(context[0]) + 4 * BASES.index(context[1]) + BASES.index(context[2])


def _rows(path: Path, needed: tuple[str, ...], lines: list[str] | None = None) -> list[dict[str, str]]:
    if lines is None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not a text table ({error}); give the file GATK wrote") from error
    table = [line.split("\t") for line in lines if line and not line.startswith("#")]
    header = table[0] if table else []
    absent = [name for name in needed if name not in header]
    if absent:
        raise InputError(f"{path}: column {absent[0]!r} is missing; a table of GATK with {', '.join(needed)} is needed")
    for number, row in enumerate(table[1:], 2):
        if len(row) != len(header):
            raise InputError(f"{path}: row {number} has {len(row)} columns where the header has {len(header)}")
    return [dict(zip(header, row, strict=True)) for row in table[1:]]


def _number(path: Path, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(f"{path}: column {column!r}: {text!r} is not a number; make the file again")
    return value
