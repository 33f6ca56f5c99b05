"""Cytobands from the table that the UCSC genome browser has for each assembly (cytoBand.txt, plain or gzip)."""

from pathlib import Path

import pandas as pd

from twohit.errors import UNREADABLE, InputError
from twohit.genome.contigs import Genome, plain
from twohit.plaintext import is_whole
from twohit.textfiles import open_text


def read_cytobands(path: str | Path, genome: Genome) -> pd.DataFrame:
    """Read chrom, start, end (0-based, half open), name and stain, tab-separated, without a header.

    Returns
    -------
    DataFrame
        band (16p13.13), chrom (plain), start, end (0-based, half open), in file order; contigs that the genome does not
        have are left out.

    Raises
    ------
    InputError
        A row that is no interval, one past the end of its contig (another build), or no band on a contig of the genome.
    """
    rows = []
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                fields = line.rstrip("\r\n").split("\t")
                if line.startswith("#") or not line.strip() or plain(fields[0]) not in genome.lengths:
                    continue
                rows.append(_band(path, number, fields, genome))
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as text ({error}); give UCSC's cytoBand.txt") from error
    rows = [row for row in rows if row is not None]
    if not rows:
        raise InputError(f"{path}: no band on a contig of {genome.name}; give UCSC's cytoBand.txt of that genome")
    return pd.DataFrame(rows, columns=["band", "chrom", "start", "end"])


def _band(path, number: int, fields: list[str], genome: Genome) -> tuple | None:
    """One row; None for a contig that has no bands (its name is empty)."""
    if len(fields) < 4 or not (is_whole(fields[1]) and is_whole(fields[2]) and int(fields[1]) < int(fields[2])):
        raise InputError(f"{path}: row {number} is not chrom, start, end and band; give UCSC's cytoBand.txt")
    chrom, start, end = plain(fields[0]), int(fields[1]), int(fields[2])
    if end > genome.lengths[chrom]:
        raise InputError(
            f"{path}: row {number}: {fields[0]}:{end} is past the contig ({genome.lengths[chrom]} bases in "
            f"{genome.name}): the bands are of another build; give the right --genome or file"
        )
    return (chrom + fields[3], chrom, start, end) if fields[3] else None
