"""Lines of a GFF3 file (plain or gzip), with the line number in every complaint."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from twohit.errors import UNREADABLE, InputError
from twohit.textfiles import open_text


def feature_lines(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, nine columns) of each feature line."""
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a GFF3 of gene models")
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                if line.startswith("##FASTA"):
                    return
                if line.startswith("#") or not line.strip():
                    continue
                columns = line.rstrip("\r\n").split("\t")
                if len(columns) != 9:
                    raise InputError(f"{path}: line {number} has {len(columns)} columns, a GFF3 line has 9")
                yield number, columns
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as text ({error}); fetch it again") from error


def interval(path, number: int, columns: list[str]) -> tuple[int, int]:
    """Interval of a feature line, 0-based half open."""
    try:
        start, end = int(columns[3]), int(columns[4])
    except ValueError:
        start, end = 0, 0
    if not 1 <= start <= end:
        raise InputError(f"{path}: line {number}: {columns[3]}-{columns[4]} is not an interval (1-based, start <= end)")
    return start - 1, end


def attributes(path, number: int, text: str) -> dict[str, str]:
    """Attributes of a feature line (the ninth column)."""
    pairs = [item.split("=", 1) for item in text.strip().strip(";").split(";") if item]
    if any(len(pair) != 2 for pair in pairs):
        raise InputError(f"{path}: line {number}: attributes are not key=value; this looks like GTF, give GFF3")
    return {key.strip(): unquote(value) if "%" in value else value for key, value in pairs}


def bare(identifier: str) -> str:
    """Drop the prefix of an Ensembl id (gene:ENSG..., transcript:ENST...)."""
    return identifier.split(":", 1)[1] if identifier.startswith(("gene:", "transcript:")) else identifier
