"""SNP counts of one normal and its tumours, in snp-pileup's layout: read, checked, sorted."""

import csv
import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import UNREADABLE, InputError
from twohit.genome.contigs import Genome, plain
from twohit.textfiles import is_zipped

REQUIRED = ("Chromosome", "Position", "File1R", "File1A", "File2R", "File2A")
MOST_READS = 10_000_000  # of one allele at one site: more is no count
CHUNK = 1 << 23  # bytes read at once where rows are counted
LAST_POSITION = 2**31 - 1  # BAM and VCF have no later one
PSEUDO = "."  # Ref of a position that is no SNP, counted for its depth
LAYOUT = "Chromosome,Position,Ref,Alt,File1R,File1A,File1E,File1D,File2R,..."


@dataclass
class SnpCounts:
    """Allele counts at sorted, unique sites.

    Attributes
    ----------
    contigs : list of str
        Plain contig names in genome order; `chrom` indexes into it.
    spelling : dict of str to str
        Plain name to the name in the file.
    chrom : array of int, shape (n,)
    pos : array of int, shape (n,)
        1-based positions.
    ref, alt : array of float, shape (1 + n_tumours, n)
        Reads with the reference and the alternative allele; row 0 is the normal.
    warnings : list of dict
        What had to be repaired: code, value, message.
    gc : array of float, shape (n,), optional
        Share of G and C around each site, where it is known without a FASTA; NaN where not.
    snp : array of bool, shape (n,), or None
        False at pseudo-SNPs (Ref '.'): depth alone, no alleles. None: all are SNPs.
    """

    contigs: list[str]
    spelling: dict[str, str]
    chrom: np.ndarray
    pos: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    warnings: list[dict] = field(default_factory=list)
    gc: np.ndarray | None = None
    snp: np.ndarray | None = None

    @property
    def listed(self) -> np.ndarray:
        """Which positions are SNPs, shape (n,)."""
        return np.ones(self.pos.size, dtype=bool) if self.snp is None else self.snp

    @property
    def n_tumors(self) -> int:
        """Number of tumours in the file."""
        return self.ref.shape[0] - 1


def warning(code: str, value: float | int | str | None, message: str) -> dict:
    """Make one named warning."""
    return {"code": code, "value": value, "message": message}


def read_snp_counts(path: str | Path, genome: Genome, keep_unread: bool = False) -> SnpCounts:
    """Read a snp-pileup table (.csv or .csv.gz).

    Duplicated positions are merged (the deepest record in the normal is kept: both count the same reads), unsorted
    ones sorted; contigs that the genome does not have are left out, and stretches that a tumour has no reads of (unless
    `keep_unread`, for who reads the normal alone); each with a warning.

    Raises
    ------
    InputError
        Missing columns, values that are not counts, no site on a known contig, positions past a contig's end.
    """
    frame, tumours = _read_frame(Path(path))
    warnings: list[dict] = []
    codes, spelling = _contig_codes(frame["Chromosome"], genome, path, warnings)
    keep = codes >= 0
    pos = frame["Position"].to_numpy(dtype=np.int64)[keep]
    codes = codes[keep]
    contigs = list(genome.lengths)
    _check_ends(codes, pos, contigs, genome, path)
    ref = np.stack([frame[f"File{k}R"].to_numpy(dtype=float)[keep] for k in range(1, tumours + 2)])
    alt = np.stack([frame[f"File{k}A"].to_numpy(dtype=float)[keep] for k in range(1, tumours + 2)])
    order = _order(codes, pos, ref[0] + alt[0], path, warnings)
    snp = (frame["Ref"] != PSEUDO).to_numpy(dtype=bool)[keep][order] if "Ref" in frame else None
    counts = SnpCounts(contigs, spelling, codes[order], pos[order], ref[:, order], alt[:, order], warnings, snp=snp)
    if keep_unread:
        return counts
    from twohit.copynumber.unread import leave_out_unread  # it reads SnpCounts, which are made here

    return leave_out_unread(counts, genome)


def _read_frame(path: Path) -> tuple[pd.DataFrame, int]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the SNP counts that count_snps.py or snp-pileup wrote")
    try:
        head = pd.read_csv(path, nrows=0, dtype=str)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, *UNREADABLE) as error:
        raise InputError(f"{path}: not a readable CSV ({error}); expected {LAYOUT}") from error
    missing = [name for name in REQUIRED if name not in head.columns]
    if missing:
        raise InputError(f"{path}: column {missing[0]!r} is missing; expected snp-pileup's columns {LAYOUT}")
    tumours = 1
    while f"File{tumours + 2}R" in head.columns and f"File{tumours + 2}A" in head.columns:
        tumours += 1
    counts = [f"File{k}{a}" for k in range(1, tumours + 2) for a in "RA"]
    try:
        frame = pd.read_csv(
            path,
            usecols=["Chromosome", "Position", *counts, *(["Ref"] if "Ref" in head.columns else [])],
            dtype={"Chromosome": "category", "Ref": "category"},
            low_memory=False,
        )
    except (pd.errors.ParserError, ValueError, *UNREADABLE) as error:
        raise InputError(f"{path}: broken CSV ({error}); make it again") from error
    if frame.empty:
        raise InputError(f"{path}: holds no site; count at more SNPs")
    for name in ["Position", *counts]:
        _check_column(frame, name, path)
    _check_widths(path, len(head.columns))
    return frame, tumours


def _check_widths(path: Path, columns: int) -> None:
    """Refuse rows of more or fewer values than the header: pandas drops what is too much and shifts nothing back."""
    row, rest = 1, b""
    with gzip.open(path) if is_zipped(path) else open(path, "rb") as handle:
        while chunk := handle.read(CHUNK):
            whole, end, rest = (rest + chunk).rpartition(b"\n")
            if end and not _even(whole + end, columns):
                _refuse_odd(whole.split(b"\n"), row, columns, path)
            row += whole.count(b"\n") + bool(end)
    _refuse_odd([rest], row, columns, path)


def _even(text: bytes, columns: int) -> bool:
    """Whether every line has as many commas as the header, counted on the bytes."""
    signs = np.frombuffer(text, dtype=np.uint8)
    commas, ends = np.flatnonzero(signs == ord(",")), np.flatnonzero(signs == ord("\n"))
    each = columns - 1
    if commas.size != ends.size * each:
        return False
    first, last = commas[::each], commas[each - 1 :: each]
    return bool((last < ends).all() and (first[1:] > ends[:-1]).all())


def _refuse_odd(lines: list[bytes], first: int, columns: int, path: Path) -> None:
    """Refuse the first line with more or fewer values; a comma in quotes may be part of one, an empty line is none."""
    for number, line in enumerate(lines, first):
        width = line.count(b",") + 1
        if width == columns or not line.strip():
            continue
        if b'"' in line:
            width = len(next(csv.reader([line.decode(errors="replace").strip()])))
        if width != columns:
            raise InputError(
                f"{path}: row {number} has {width} values, the header {columns}; count again, or look what wrote it"
            )


def _check_column(frame: pd.DataFrame, name: str, path: Path) -> None:
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{path}: row {row + 2}, column {name!r}: {str(frame[name].iloc[row])!r} is not a count; expected {LAYOUT}"
        )
    most = LAST_POSITION if name == "Position" else MOST_READS
    if (values > most).any():
        row = int((values > most).argmax())
        kind = "position" if name == "Position" else "count"
        raise InputError(
            f"{path}: row {row + 2}, column {name!r}: {str(frame[name].iloc[row])!r} is more than {most:,}: no {kind}; "
            f"expected {LAYOUT}"
        )
    frame[name] = values


def _contig_codes(column: pd.Series, genome: Genome, path, warnings: list[dict]) -> tuple[np.ndarray, dict[str, str]]:
    """Code of each row's contig in genome order, -1 where the genome does not have it."""
    names = [str(name) for name in column.cat.categories]
    order = {name: code for code, name in enumerate(genome.lengths)}
    by_category = np.array([order.get(plain(name), -1) for name in names] + [-1])
    codes = by_category[column.cat.codes.to_numpy()]
    spelling = {plain(name): name for name in names if plain(name) in order}
    unknown = int((codes < 0).sum())
    if unknown == codes.size:
        raise InputError(f"{path}: no contig of {genome.name} (first is {names[0]!r}); give the right --genome")
    if unknown:
        example = next((name for name in names if plain(name) not in order), "without a name")
        text = (
            f"{unknown} sites on contigs that {genome.name} lacks ({example}) left out: nothing is told there; "
            "if they are chromosomes, rename them or give the right --genome"
        )
        warnings.append(warning("unknown_contigs", unknown, text))
    return codes, spelling


def _check_ends(codes: np.ndarray, pos: np.ndarray, contigs: list[str], genome: Genome, path) -> None:
    ends = np.array([genome.lengths[name] for name in contigs])
    bad = (pos > ends[codes]) | (pos < 1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        name = contigs[codes[row]]
        raise InputError(
            f"{path}: position {name}:{pos[row]} is past the contig ({genome.lengths[name]} bases in {genome.name}): "
            "the counts are of another build; give the right --genome"
        )


def _order(codes: np.ndarray, pos: np.ndarray, depth: np.ndarray, path, warnings: list[dict]) -> np.ndarray:
    """Row order by contig and position, one row a position: the one that is deepest in the normal."""
    key = codes.astype(np.int64) * (1 << 40) + pos
    if (np.diff(key) > 0).all():
        return np.arange(key.size)
    order = np.lexsort((-depth, key))
    if (np.diff(key) < 0).any():
        misplaced = int((np.diff(pos)[np.diff(codes) == 0] < 0).sum())
        if misplaced:
            text = f"{path}: {misplaced} sites lie before the one above them; it was sorted: was the file put together?"
            warnings.append(warning("unsorted_sites", misplaced, text))
    first = np.r_[True, np.diff(key[order]) > 0]
    repeated = int((~first).sum())
    if repeated:
        text = f"{repeated} repeated positions merged (the record deepest in the normal was kept); count each SNP once"
        warnings.append(warning("duplicated_sites", repeated, text))
    return order[first]
